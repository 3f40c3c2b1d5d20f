"""`bursar finalize`: every draft that is due becomes a promise.

Owns what is due, what is held, and what refuses a finalization. It leaves writing them
to `bursar.ledger.appending`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from bursar.errors import BursarError
from bursar.ledger.appending import append_invoices
from bursar.ledger.batches import Batch
from bursar.ledger.commit import recover
from bursar.ledger.staleness import check_built_from_todays_inputs
from bursar.project import Project
from bursar.warehouse import database, lock, run_state

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# A promise's remainder is asked for once everything that may still count towards it is finalized.
_HELD = """
    with open_invoices as (
        select contract_id, period_start, period_end
        from billing.invoices
        where status = 'draft' and invoice_type = 'usage' and issued_at > $at
    )
    select distinct due.invoice_id, lines.commit_id
    from due
    inner join billing.invoice_line_items as lines using (invoice_id)
    inner join work.balance_segments as segments on lines.commit_id = segments.commit_id
    inner join work.balance_reach as reach using (segment_number)
    inner join open_invoices
        on reach.contract_id = open_invoices.contract_id
        and open_invoices.period_start < coalesce(segments.ending_before, timestamp '9999-01-01')
        and open_invoices.period_end > segments.starting_at
    where lines.line_type = 'true_up'
    order by all
"""
# What the ledger keeps of an invoice; what can change later is said by later batches.
_INVOICES = """
    select
        * exclude (status, finalized_at, voided_at, void_reason, content_hash),
        $built as finalized_at
    from billing.invoices
    inner join due using (invoice_id)
"""


@dataclass(frozen=True)
class Finalized:
    """What a finalization has done.

    Args:
        at: The instant it is of: that of the build whose drafts are final now.
        due_by: Drafts issued by then were due.
        batch: The batch that it appended; none if nothing was due.
        invoice_ids: The invoices that are final now.
        held: Due invoices that wait, by id, with the commit that they wait for.
    """

    at: datetime
    due_by: datetime
    batch: Batch | None
    invoice_ids: tuple[str, ...]
    held: dict[str, str]


def finalize(
    project: Project, as_of: datetime | None = None, *, is_at_once: bool = False
) -> Finalized:
    """Appends every draft that is due to the ledger, as one batch; nothing due changes nothing.

    Args:
        project: Whose drafts: those of the published warehouse.
        as_of: Drafts issued by then are due; the instant of the build if not given.
        is_at_once: Whether the build was made for this; events received after it are then late
            ones, and no reason to refuse.

    Raises:
        BursarError: The warehouse is not of today's inputs, or of an earlier instant (1); there is
            none (3); another build or finalization is running (3).
    """
    with lock.exclusive(project, "bursar finalize"):
        batches = recover(project)
        with database.published(project) as connection:
            built = build_instant(connection)
            due_by = asked_instant(built, as_of)
            due, held = _due(connection, due_by)
            known = {i for batch in batches if batch.kind != "void" for i in batch.invoices}
            # What is final already is not made final again: so a second run does nothing, although
            # the ledger has grown since the build.
            if not due - known:
                return Finalized(built, due_by, None, (), held)
            check_built_from_todays_inputs(project, is_later_news=not is_at_once)
            _check_not_twice(due & known)
            batch = _append(project, connection, batches, built)
            return Finalized(built, due_by, batch, tuple(sorted(due)), held)


def build_instant(connection: DuckDBPyConnection) -> datetime:
    """The instant that the published build is of, in UTC without a zone."""
    [(built,)] = connection.execute("select as_of from billing.build_info").fetchall()
    return cast("datetime", built)


def asked_instant(built: datetime, as_of: datetime | None) -> datetime:
    """The instant asked for, or that of the build, in UTC without a zone.

    Raises:
        BursarError: The build is as of an earlier one.
    """
    at = as_of.astimezone(UTC).replace(tzinfo=None) if as_of else built
    if at > built:
        asked, known = (run_state.as_text(i.replace(tzinfo=UTC)) for i in (at, built))
        raise BursarError(
            f"The published warehouse is as of {known}: it knows nothing of what was due by"
            f" {asked}.",
            remedy=f"Build as of that instant first: `bursar build --as-of {asked}`.",
        )
    return at


def _due(connection: DuckDBPyConnection, at: datetime) -> tuple[set[str], dict[str, str]]:
    """The drafts that are due, which the table `due` then holds, and those that wait."""
    connection.execute(
        "create temp table due as select invoice_id from billing.invoices"
        " where status = 'draft' and issued_at <= $at",
        {"at": at},
    )
    held: dict[str, str] = dict(connection.execute(_HELD, {"at": at}).fetchall())
    waiting = {"held": list(held)}
    connection.execute("delete from due where invoice_id in (select unnest($held))", waiting)
    return {row[0] for row in connection.execute("from due").fetchall()}, held


def _append(
    project: Project, connection: DuckDBPyConnection, batches: Sequence[Batch], built: datetime
) -> Batch:
    """Writes them as final since the build: its drafts hold what it knew, and no build before."""
    connection.execute(f"create temp table headers as {_INVOICES}", {"built": built})
    connection.execute(
        "create temp table line_items as"
        " select lines.* from billing.invoice_line_items as lines"
        " inner join due using (invoice_id)"
    )
    return append_invoices(project, connection, batches, "finalize", built)


def _check_not_twice(again: set[str]) -> None:
    if again:
        named = ", ".join(sorted(again)[:3])
        raise BursarError(
            f"Of what is due, {len(again)} is finalized already, such as {named}: the published"
            " warehouse does not know the ledger as it is.",
            remedy="Nothing was changed. Build again: `bursar build`.",
        )
