"""The lines that differ between two warehouses of the same ledger, and finalized invoices.

Owns what makes two lines the same: what they are for. Slices and tiers are added up, since a
price that changes within a period cuts it elsewhere: each row has every price of its lines. It
leaves invoices and totals to `bursar.simulating.comparing`, whose tables have to be there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bursar.warehouse.answers import Rows, ask

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_KEY = (
    "invoice_id",
    "line_type",
    "product_id",
    "pricing_group_values",
    "presentation_group_values",
    "pricing_unit",
    "is_summed",
    "commit_id",
    "commit_type",
    "subscription_id",
    "scheduled_charge_id",
)


def compare_lines(connection: DuckDBPyConnection) -> None:
    """Makes the tables of changed lines and of what finalized invoices would be.

    Args:
        connection: With `before` and `after` attached and compared.
    """
    for side in ("before", "after"):
        connection.execute(f"create temp table {side}_lines as {_lines(side)}")
    same = " and ".join(f"before.{name} is not distinct from after.{name}" for name in _KEY)
    key = ", ".join(f"coalesce(after.{name}, before.{name}) as {name}" for name in _KEY)
    connection.execute(
        f"""
        create temp table changed_lines as
        select
            case
                when before.invoice_id is null then 'added'
                when after.invoice_id is null then 'removed'
                else 'changed'
            end as change,
            {key},
            coalesce(after.product_name, before.product_name) as product_name,
            before.quantity as quantity_before,
            after.quantity as quantity_after,
            before.prices as prices_before,
            after.prices as prices_after,
            before.amount as amount_before,
            after.amount as amount_after
        from before_lines as before
        full join after_lines as after on {same}
        where
            before.quantity is distinct from after.quantity
            -- Nobody is billed at the price of nothing.
            or (before.prices is distinct from after.prices and before.quantity <> 0)
            or before.amount is distinct from after.amount
        """
    )
    connection.execute(
        "update compared_invoices set is_changed = true"
        " where invoice_id in (select invoice_id from changed_lines)"
    )
    connection.execute(f"create temp table changed_finalized as {_FINALIZED}")


def _lines(side: str) -> str:
    """A side's draft lines by what they are for; those of the ledger are on both sides."""
    return f"""
        select
            {", ".join(f"lines.{name}" for name in _KEY)},
            max(lines.product_name) as product_name,
            cast(sum(lines.quantity) as decimal(38, 12)) as quantity,
            list_sort(list(distinct lines.unit_price)) as prices,
            cast(sum(lines.amount) as decimal(38, 12)) as amount
        from {side}.billing.invoice_line_items as lines
        semi join {side}.billing.invoices as invoices
            on lines.invoice_id = invoices.invoice_id and invoices.status = 'draft'
        where lines.line_type <> 'rounding'
        group by all
    """


# What stands, and what it would be on the two sides; both have the same ledger.
_FINALIZED = """
    with drifts as (
        select
            invoice_id,
            coalesce(before.finalized_total + before.corrected_total,
                after.finalized_total + after.corrected_total) as total,
            coalesce(before.difference, 0) as drift_before,
            coalesce(after.difference, 0) as drift_after,
            coalesce(before.changed_line_count, 0) as lines_before,
            coalesce(after.changed_line_count, 0) as lines_after
        from before.billing.invoice_drift as before
        full join after.billing.invoice_drift as after using (invoice_id)
    )
    select
        drifts.invoice_id,
        invoices.customer_id,
        invoices.customer_name,
        invoices.currency,
        cast(drifts.total as decimal(38, 12)) as total,
        cast(drifts.total + drifts.drift_before as decimal(38, 12)) as would_be_before,
        cast(drifts.total + drifts.drift_after as decimal(38, 12)) as would_be_after,
        cast(drifts.drift_after - drifts.drift_before as decimal(38, 12)) as difference
    from drifts
    inner join before.billing.invoices as invoices on drifts.invoice_id = invoices.invoice_id
    where
        drifts.drift_before <> drifts.drift_after
        or drifts.lines_before <> drifts.lines_after
"""


def changed_lines(connection: DuckDBPyConnection, rows_max: int | None = None) -> Rows:
    """The lines that differ, in the order of their invoices, the widest differences first."""
    return ask(
        connection,
        f"""
        select lines.*
        from changed_lines as lines
        inner join compared_invoices as invoices on lines.invoice_id = invoices.invoice_id
        order by
            invoices.currency, abs(invoices.difference) desc, invoices.customer_id,
            invoices.period_start, invoices.invoice_id,
            abs(coalesce(amount_after, 0) - coalesce(amount_before, 0)) desc,
            lines.line_type, lines.product_id, lines.pricing_group_values,
            lines.presentation_group_values, lines.commit_id
        {f"limit {rows_max}" if rows_max is not None else ""}
        """,
    )


def line_counts(connection: DuckDBPyConnection) -> dict[str, int]:
    """How many lines are `changed`, `added` and `removed`."""
    found = connection.execute("select change, count(*) from changed_lines group by change")
    return {"changed": 0, "added": 0, "removed": 0} | dict(found.fetchall())


def finalized_changes(connection: DuckDBPyConnection, rows_max: int | None = None) -> Rows:
    """The finalized invoices that would be others, were they not final."""
    return ask(
        connection,
        f"""
        select * from changed_finalized
        order by currency, abs(difference) desc, invoice_id
        {f"limit {rows_max}" if rows_max is not None else ""}
        """,
    )


def finalized_count(connection: DuckDBPyConnection) -> int:
    """How many there are."""
    [(count,)] = connection.execute("select count(*) from changed_finalized").fetchall()
    return int(count)
