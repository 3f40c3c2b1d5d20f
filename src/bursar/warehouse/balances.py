"""Balances as the published warehouse has them.

Owns the queries behind `bursar balance list` and `show`. It leaves what a balance is to the models,
its pace to `bursar.warehouse.burn_down`, and how it looks to `bursar.cli`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bursar.project import Project
from bursar.warehouse import database
from bursar.warehouse.answers import Row, Rows, ask, check_known

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_BALANCES = "billing.balances"
# A recurring commit is asked for by its own id, too: that is what its grants share.
_COMMITS = """
    select
        commits.*,
        case
            when commits.commit_type = 'postpaid'
                then (
                    select max(commit_invoices.invoice_at)
                    from work.stg_commit_invoices as commit_invoices
                    where commit_invoices.commit_id = commits.commit_id
                )
        end as true_up_at,
        customers.customer_name,
        products.product_name,
        contracts.currency
    from work.balance_commits as commits
    left join work.stg_contracts as contracts
        on commits.invoice_contract_id = contracts.contract_id
    left join work.stg_customers as customers on commits.customer_id = customers.customer_id
    left join work.stg_products as products
        on commits.product_id = products.product_id
        and products.valid_from = (
            select max(versions.valid_from)
            from work.stg_products as versions
            where versions.product_id = products.product_id
        )
    where
        commits.commit_id = $1
        or commits.commit_id in (
            select recurring_grants.commit_id
            from work.recurring_grants
            where recurring_grants.recurring_commit_id = $1
        )
    order by commits.commit_id
"""
_RESTRICTIONS = """
    select
        restrictions.applicable_product_ids,
        restrictions.applicable_product_tags
    from work.commit_restrictions as restrictions
    where restrictions.scope_id = ?
"""
_SPECIFIERS = """
    select
        specifiers.specifier_id,
        specifiers.product_id,
        specifiers.product_tags,
        specifiers.pricing_group_values,
        specifiers.presentation_group_values
    from work.stg_commit_specifiers as specifiers
    where specifiers.commit_id = ?
    order by specifiers.specifier_id
"""
_OVERRIDES = """
    select overrides.override_id
    from work.stg_contract_overrides as overrides
    where
        (overrides.is_commit_specific or overrides.rate_basis = 'commit')
        and (
            len(overrides.commit_ids) = 0
            or list_has_any(overrides.commit_ids, ?)
        )
        and overrides.contract_id in (
            select reach.contract_id
            from work.balance_reach as reach
            inner join work.balance_segments as segments
                on reach.segment_number = segments.segment_number
            where list_contains(?, segments.commit_id)
        )
    order by overrides.override_id
"""
# What a commit pays for stands on a line of its own, beside the twin that takes it off again.
_INVOICES = """
    select
        invoices.invoice_id,
        invoices.status,
        invoices.period_start,
        invoices.period_end,
        case
            when lines.line_type in ('commit_purchase', 'true_up') then lines.line_type
            else 'draw'
        end as movement,
        lines.pricing_unit,
        count(*) as line_count,
        sum(lines.amount) as amount
    from billing.invoice_line_items as lines
    inner join billing.invoices on lines.invoice_id = invoices.invoice_id
    where
        list_contains(?, lines.commit_id)
        and lines.line_type <> 'commit_applied'
    group by all
    order by invoices.period_start, invoices.invoice_id, movement
"""
# Of one instant, in the order in which the mart's running balance counts them.
_IN_ORDER = """,
    entry_at,
    list_position(
        [
            'segment_start', 'rollover_in', 'adjustment', 'invoice_deduction', 'true_up',
            'rollover_out', 'expiration'
        ],
        entry_type
    ),
    entry_id
"""


@dataclass(frozen=True)
class Filters:
    """Which balances to list; what is not given does not filter."""

    customer_id: str | None = None
    contract_id: str | None = None
    commit_type: str | None = None
    is_open: bool = False


@dataclass(frozen=True)
class Commit:
    """A commit or credit, or all grants of a recurring one.

    Args:
        asked: The id that was asked for.
        as_of: The instant that the warehouse is of.
        grants: What is known of each commit; one, unless it recurs.
        restrictions: The products and tags that it may pay for.
        specifiers: Alternatives of what it may pay for.
        override_ids: Overrides that can make its price another one.
        segments: Its rows of `balances`.
        ledger: Its rows of `balance_ledger`, segment by segment in order of time.
        invoices: Invoices that drew on it, or sell it, with the amounts.
    """

    asked: str
    as_of: datetime
    grants: tuple[Row, ...]
    restrictions: Row
    specifiers: tuple[Row, ...]
    override_ids: tuple[str, ...]
    segments: Rows
    ledger: Rows
    invoices: Rows


def list_balances(project: Project, filters: Filters) -> Rows:
    """Segments by customer and commit, with every column of the mart.

    Raises:
        BursarError: There is no published warehouse (3), or no balance of such a customer or
            contract (1).
    """
    with database.published(project) as connection:
        check_known(connection, _BALANCES, "customer_id", filters.customer_id, "balance")
        check_known(connection, _BALANCES, "contract_id", filters.contract_id, "balance")
        given = {
            column: value
            for column in ("customer_id", "contract_id", "commit_type")
            if (value := getattr(filters, column)) is not None
        }
        conditions = [f"{column} = ?" for column in given]
        conditions += ["balance > 0"] if filters.is_open else []
        return ask(
            connection,
            f"select * from {_BALANCES} where {' and '.join(conditions) or 'true'}"
            " order by customer_id, commit_id, segment_starting_at",
            list(given.values()),
        )


def read_commit(project: Project, commit_id: str) -> Commit:
    """One commit with its segments, ledger and invoices; of a recurring one, all its grants.

    Raises:
        BursarError: There is no published warehouse (3), or it has no such commit (1).
    """
    with database.published(project) as connection:
        grants = ask(connection, _COMMITS, [commit_id]).as_dicts()
        commit_ids = [grant["commit_id"] for grant in grants]
        segments = _of(connection, _BALANCES, commit_ids)
        if not segments.rows:
            check_known(connection, _BALANCES, "commit_id", commit_id, "commit")
        scope_id = grants[0]["scope_id"]
        names = sorted({name for grant in grants for name in grant["override_names"]})
        [(as_of,)] = ask(connection, "select as_of from billing.build_info").rows
        return Commit(
            asked=commit_id,
            as_of=as_of,
            grants=tuple(grants),
            restrictions=ask(connection, _RESTRICTIONS, [scope_id]).as_dicts()[0],
            specifiers=tuple(ask(connection, _SPECIFIERS, [scope_id]).as_dicts()),
            override_ids=tuple(
                override_id
                for (override_id,) in ask(connection, _OVERRIDES, [names, commit_ids]).rows
            ),
            segments=segments,
            ledger=_of(connection, "billing.balance_ledger", commit_ids, _IN_ORDER),
            invoices=ask(connection, _INVOICES, [commit_ids]),
        )


def _of(connection: DuckDBPyConnection, mart: str, commit_ids: list[str], order: str = "") -> Rows:
    return ask(
        connection,
        f"select * from {mart} where list_contains(?, commit_id)"
        f" order by commit_id, segment_starting_at{order}",
        [commit_ids],
    )
