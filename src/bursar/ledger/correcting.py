"""`bursar invoice correct`: an invoice of the difference between what was said and what is right.

Line by line, today's lines minus the finalized ones, earlier corrections counted. What comes to
less than nothing is a credit memo. Owns what a correction holds. It leaves the differences to the
model line_differences, and writing to `bursar.ledger.appending`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from bursar.errors import BursarError
from bursar.ledger.appending import append_invoices
from bursar.ledger.batches import Batch
from bursar.ledger.commit import recover
from bursar.ledger.finalizing import asked_instant, build_instant
from bursar.ledger.reasons import stated_reason
from bursar.ledger.staleness import check_built_from_todays_inputs
from bursar.ledger.standing import standing_of
from bursar.project import Project
from bursar.warehouse import database, lock

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# The line that a balance paid for and the one that takes it off again are about the same, and told
# apart by their ids alone.
_LINE_ITEMS = """
    with differences as (
        select
            *,
            $correction_id || ':' || substr(md5(cast(to_json([
                charge_type, product_id, subscription_id, scheduled_charge_id,
                pricing_group_values, presentation_group_values, starting_at::varchar,
                ending_before::varchar, tier_start::varchar, unit_price::varchar, pricing_unit,
                commit_id, commit_segment_starting_at::varchar
            ]) as varchar)), 1, 16) as charge_line_id
        from work.line_differences
        where invoice_id = $invoice_id
    ),

    identified as (
        select
            case
                when is_twin
                    then $correction_id || ':' || substr(md5('applied|' || charge_line_id), 1, 16)
                else charge_line_id
            end as line_item_id,
            case when is_twin then charge_line_id end as covers_line_item_id,
            *
        from differences
    )

    select
        identified.line_item_id,
        $correction_id as invoice_id,
        row_number() over (
            order by charge_type, product_name, product_id, pricing_group_values,
                presentation_group_values, starting_at, tier_start, unit_price, commit_id,
                charge_line_id, is_twin
        ) as line_number,
        corrected.contract_id,
        corrected.customer_id,
        case when is_twin then 'commit_applied' else charge_type end as line_type,
        identified.product_id,
        identified.product_name,
        identified.product_type,
        identified.metric_name,
        identified.pricing_group_values,
        identified.presentation_group_values,
        identified.starting_at,
        identified.ending_before,
        identified.tier_start,
        case when charge_type = 'rounding' then 1 else current_quantity - said_quantity end
            ::decimal(38, 12) as quantity,
        coalesce(unit_price, current_amount - said_amount)::decimal(38, 12) as unit_price,
        identified.list_price,
        (current_amount - said_amount)::decimal(38, 12) as amount,
        identified.pricing_unit,
        identified.is_summed,
        identified.is_prorated,
        identified.rate_id,
        identified.override_id,
        identified.commit_id,
        identified.commit_segment_starting_at,
        identified.commit_type,
        identified.covers_line_item_id,
        identified.subscription_id,
        identified.scheduled_charge_id
    from identified
    cross join (select * from billing.invoices where invoice_id = $invoice_id) as corrected
"""
_HEADERS = """
    with sums as (
        select
            coalesce(sum(amount) filter (
                where is_summed and line_type not in ('commit_applied', 'rounding')
            ), 0) as subtotal,
            coalesce(sum(amount) filter (
                where is_summed and line_type = 'commit_applied'
            ), 0) as balance_applied,
            coalesce(sum(amount) filter (where line_type = 'rounding'), 0) as rounding,
            count(*) as line_item_count
        from line_items
    )
    select
        $correction_id as invoice_id, 'correction' as invoice_type, 1 as revision,
        contract_id, customer_id, customer_name, period_start, period_end,
        $issued_at as issued_at, $issued_at + (due_at - issued_at) as due_at, currency,
        sums.subtotal::decimal(38, 12) as subtotal,
        sums.balance_applied::decimal(38, 12) as balance_applied,
        sums.rounding::decimal(38, 12) as rounding,
        (sums.subtotal + sums.balance_applied + sums.rounding)::decimal(38, 12) as total,
        sums.line_item_count,
        invoice_id as corrects_invoice_id,
        $built as finalized_at,
        $reason as correction_reason
    from billing.invoices
    cross join sums
    where invoice_id = $invoice_id
"""

# A file bears its batch's name. A build in the same second may know the batch already: then its
# correction is published.
_OF_OTHERS = """
    select distinct parse_filename(corrections.filename, true)
    from read_parquet($files, filename = true) as corrections
    where
        corrections.customer_id <> (
            select customer_id from billing.invoices where invoice_id = $invoice_id
        )
        and corrections.invoice_id not in (select invoice_id from billing.invoices)
"""


@dataclass(frozen=True)
class Corrected:
    """What a correction has come to.

    Args:
        correction_id: The correction's invoice id; blank if there was nothing to correct.
        total: What it bills; negative is a credit memo.
        currency: Of the total.
        batch: The batch that it is in, if there is one.
    """

    correction_id: str
    total: Decimal
    currency: str
    batch: Batch | None


def correct(
    project: Project, invoice_id: str, reason: str, as_of: datetime | None = None
) -> Corrected:
    """Issues the difference between what an invoice says and what it would say today.

    Args:
        project: Whose.
        invoice_id: A finalized invoice that stands.
        reason: Why, for people; not blank.
        as_of: The date that it bears; the instant of the build if not given. It is final from
            that build on, whose differences it holds.

    Raises:
        BursarError: It is no finalized invoice that stands (1), the reason is blank (2), the
            warehouse is not of today's inputs (1) or another build is running (3).
    """
    reason = stated_reason(reason, "A correction")
    with lock.exclusive(project, "bursar invoice correct"):
        batches = recover(project)
        standing = standing_of(batches, invoice_id)
        if standing.is_correction:
            raise BursarError(
                f"{invoice_id} is a correction itself.",
                remedy="Correct the invoice that it corrects: earlier corrections are counted.",
            )
        with database.published(project) as connection:
            built = build_instant(connection)
            issued_at = asked_instant(built, as_of)
            if issued_at.replace(tzinfo=UTC) < datetime.fromisoformat(standing.finalized_at):
                raise BursarError(
                    f"{invoice_id} was finalized at {standing.finalized_at}; as of an earlier"
                    " instant it is a draft.",
                    remedy="Build as of a later instant: `bursar build`.",
                )
            others = _corrections_of_others(project, connection, batches, invoice_id)
            check_built_from_todays_inputs(project, without=others)
            about = {
                "invoice_id": invoice_id,
                "correction_id": f"{invoice_id}:c{standing.correction_count + 1}",
            }
            dated = {"issued_at": issued_at, "built": built, "reason": reason}
            connection.execute(f"create temp table line_items as {_LINE_ITEMS}", about)
            connection.execute(f"create temp table headers as {_HEADERS}", about | dated)
            return _issue(project, connection, batches, about["correction_id"], built)


def _corrections_of_others(
    project: Project, connection: DuckDBPyConnection, batches: Sequence[Batch], invoice_id: str
) -> set[str]:
    """Batches since the build that correct invoices of other customers only.

    Nothing that one customer is billed depends on another's invoices, so that all customers can be
    corrected on one build.
    """
    [(built_at,)] = connection.execute("select built_at from billing.build_info").fetchall()
    # Manifests say the second.
    since = [
        str(project.root / file.path)
        for batch in batches
        if batch.kind == "correct"
        and built_at is not None
        and datetime.fromisoformat(batch.made_at).replace(tzinfo=None)
        >= built_at.replace(microsecond=0)
        for file in batch.files
        if file.kind == "invoices"
    ]
    if not since:
        return set()
    found = connection.execute(_OF_OTHERS, {"files": since, "invoice_id": invoice_id})
    return {batch_id for (batch_id,) in found.fetchall()}


def _issue(
    project: Project,
    connection: DuckDBPyConnection,
    batches: Sequence[Batch],
    correction_id: str,
    built: datetime,
) -> Corrected:
    """Appends what the temporary tables hold, if it is anything."""
    [(total, currency, lines)] = connection.execute(
        "select total, currency, line_item_count from headers"
    ).fetchall()
    if not lines:
        return Corrected("", Decimal(0), currency, None)
    batch = append_invoices(project, connection, batches, "correct", built)
    return Corrected(correction_id, total, currency, batch)
