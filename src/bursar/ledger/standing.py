"""What the ledger says of one invoice: final, void, corrected.

Owns finding it by id, and the words when it is not there. It leaves what is done with it to those
who void and correct.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from bursar.errors import BursarError
from bursar.ledger.batches import Batch


@dataclass(frozen=True)
class Standing:
    """A finalized invoice that stands.

    Args:
        invoice_id: The invoice.
        finalized_at: When it was finalized, RFC 3339 in UTC.
        corrections: Its corrections that stand, by id.
        correction_count: How many it ever had, void ones among them.
        is_correction: Whether it is one itself.
    """

    invoice_id: str
    finalized_at: str
    corrections: tuple[str, ...]
    correction_count: int
    is_correction: bool


def standing_of(batches: Sequence[Batch], invoice_id: str) -> Standing:
    """What stands of an invoice.

    Args:
        batches: The ledger's.
        invoice_id: The invoice.

    Raises:
        BursarError: It is not finalized, or void.
    """
    finalized = {i: b for b in batches if b.kind != "void" for i in b.invoices}
    voided = {i: b for b in batches if b.kind == "void" for i in b.invoices}
    if invoice_id not in finalized:
        raise _unknown(invoice_id, sorted(finalized))
    if invoice_id in voided:
        raise BursarError(
            f"{invoice_id} is void already, since {voided[invoice_id].at}.",
            remedy="Nothing was changed.",
        )
    prefix = f"{invoice_id}:c"
    corrections = [i for i, b in finalized.items() if b.kind == "correct" and i.startswith(prefix)]
    return Standing(
        invoice_id,
        finalized[invoice_id].at,
        tuple(i for i in corrections if i not in voided),
        len(corrections),
        finalized[invoice_id].kind == "correct",
    )


def _unknown(invoice_id: str, finalized: list[str]) -> BursarError:
    nearest = get_close_matches(invoice_id, finalized, n=3, cutoff=0.4)
    return BursarError(
        f"{invoice_id} is not finalized, so it is no promise yet: a draft changes with its inputs.",
        remedy=f"Nearest finalized: {', '.join(nearest)}."
        if nearest
        else "See `bursar invoice list --status finalized`.",
    )
