"""`bursar invoice void` and `regenerate`: an invoice that stands no longer.

Nothing is taken out of the ledger: a void is one row more. Its draws return to their segments with
the next build; after a regeneration that build makes the invoice anew, as the next revision. Owns
the rules of both. It leaves the commit to `bursar.ledger.commit`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bursar.errors import BursarError, ExitCode
from bursar.ledger import rows
from bursar.ledger.batches import Batch
from bursar.ledger.commit import commit, next_batch, recover, staging_folder
from bursar.ledger.reasons import stated_reason
from bursar.ledger.standing import standing_of
from bursar.project import Project
from bursar.warehouse import lock, run_state


@dataclass(frozen=True)
class Voided:
    """What was voided.

    Args:
        invoice_id: The invoice.
        at: When, in UTC.
        batch: The batch that says so.
    """

    invoice_id: str
    at: datetime
    batch: Batch


def void(
    project: Project,
    invoice_id: str,
    reason: str,
    as_of: datetime | None = None,
    *,
    regenerate: bool = False,
) -> Voided:
    """Marks a finalized invoice void.

    Args:
        project: Whose.
        invoice_id: The invoice.
        reason: Why, for people; not blank.
        as_of: When it is voided; now if not given.
        regenerate: Whether the next build makes it anew.

    Raises:
        BursarError: It is not finalized, void already or corrected (1); the reason is blank (2);
            another build or finalization is running (3).
    """
    reason = stated_reason(reason, "A void")
    with lock.exclusive(project, "bursar invoice void"):
        batches = recover(project)
        at = (as_of or datetime.now(UTC)).astimezone(UTC)
        _check(batches, invoice_id, at)
        batch = next_batch(batches, "void", run_state.as_text(at))
        folder = staging_folder(project, batch)
        import duckdb

        with duckdb.connect(":memory:") as connection:
            connection.execute(
                "create table voids as select $invoice_id as invoice_id,"
                " cast($at as timestamp) as voided_at, $reason as void_reason,"
                " cast($regenerate as boolean) as is_regenerated",
                {
                    "invoice_id": invoice_id,
                    "at": at.replace(tzinfo=None),
                    "reason": reason,
                    "regenerate": regenerate,
                },
            )
            rows.add_row_hashes(connection, "voids")
            rows.write(connection, "from voids", folder / "voids.parquet")
        batch = commit(project, batch, folder, {"voids": 1}, {invoice_id: ""})
    return Voided(invoice_id, at, batch)


def _check(batches: Sequence[Batch], invoice_id: str, at: datetime) -> None:
    standing = standing_of(batches, invoice_id)
    if standing.corrections:
        raise BursarError(
            f"{invoice_id} has corrections that stand: {', '.join(standing.corrections)}.",
            remedy="Void them first: they correct what would be void.",
        )
    if at < datetime.fromisoformat(standing.finalized_at):
        raise BursarError(
            f"{invoice_id} was finalized at {standing.finalized_at}; it cannot be void before.",
            remedy="Leave --as-of away, or name a later instant.",
            exit_code=ExitCode.BAD_USAGE,
        )
