"""What commits and credits have to do with a line, in words.

Owns the words: who paid, what a purchase buys, what a true-up is the rest of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from bursar.cli.figures import instant, money, number, span

if TYPE_CHECKING:
    from bursar.warehouse.answers import Row

Parts = Mapping[str, Sequence["Row"]]
_KINDS = {"prepaid": "prepaid commit", "postpaid": "commitment", "credit": "credit"}


def paid_words(line: Row, parts: Parts) -> str:
    """Who paid for a charge, and for how much of it."""
    if line["commit_id"] is None:
        return _what_is_left(line, parts)
    commit = _commit(line, parts)
    of_it = _of_the_whole(line, parts)
    if line["commit_type"] == "postpaid":
        return f"It counts towards {commit}{of_it}, and is to be paid."
    return f"Paid by {commit}{of_it}: taken off again below."


def applied_words(line: Row, parts: Parts) -> str:
    """Why an amount is taken off."""
    commit = _commit(line, parts)
    if not line["is_summed"] and line["commit_type"] == "postpaid":
        return f"For information: the line above counts towards {commit}; nothing is taken off."
    reason = "given" if line["commit_type"] == "credit" else "paid ahead"
    if line["amount"] > 0:
        return f"Put back: {commit} pays less than was said before."
    return f"Taken off: {commit}, {reason}, pays for the line above."


def purchase_words(line: Row, parts: Parts) -> str:
    """What is bought, and which of its payments this is."""
    commit = _commit(line, parts)
    grant = next(iter(parts.get("grant", ())), None)
    if grant is not None:
        unit = next((row["pricing_unit"] for row in parts.get("commit", ())), line["pricing_unit"])
        cut = ", in part, since the period is cut," if grant["is_prorated"] else ""
        granted = f"{money(grant['granted'], unit)} {unit}"
        usable = span(grant["starting_at"], grant["ending_before"])
        return f"Buys {granted} of {commit}{cut} for {usable}."
    payments = parts.get("purchases", ())
    mine = [place for place, row in enumerate(payments, start=1) if row["is_this_lines"]]
    if len(payments) > 1 and mine:
        total = sum((row["amount"] for row in payments), Decimal(0))
        of_all = f"{money(total, line['pricing_unit'])} {line['pricing_unit']}"
        return f"Buys {commit}: payment {mine[0]} of {len(payments)}, of {of_all} in all."
    return f"Buys {commit}, as agreed for {instant(line['starting_at'])}."


def true_up_words(line: Row, parts: Parts) -> str:
    """What of a promise was not met."""
    unit = line["pricing_unit"]
    promised = sum((row["promised"] for row in parts.get("promise", ())), Decimal(0))
    met = sum((row["amount"] for row in parts.get("matched", ())), Decimal(0))
    commit = _commit(line, parts)
    if promised - met != line["amount"]:
        return f"What was promised by {commit} and not used."
    return (
        f"Promised by {commit}: {money(promised, unit)} {unit}. Charges met {money(met, unit)}"
        f" {unit} of it; the rest, {money(line['amount'], unit)} {unit}, is due."
    )


def _commit(line: Row, parts: Parts) -> str:
    """What a commit is called, and what it is."""
    found = next(iter(parts.get("commit", ())), None)
    kind = _KINDS.get(line["commit_type"] or (found or {}).get("commit_type", ""), "commit")
    name = found["commit_name"] if found else None
    words = (
        f"the {kind} {name} ({line['commit_id']})" if name else f"the {kind} {line['commit_id']}"
    )
    if found and found["rolled_from"]:
        words += f", rolled over from {found['rolled_from']}"
    return words


def _of_the_whole(line: Row, parts: Parts) -> str:
    whole = next(iter(parts.get("whole_charge", ())), None)
    payments = parts.get("payments", ())
    mine = [row for row in payments if row["is_this_line"]]
    if whole is None or len(mine) != 1 or mine[0]["quantity"] != line["quantity"]:
        return ""
    if whole["quantity"] == line["quantity"]:
        return ""
    return f", {number(line['quantity'])} of {number(whole['quantity'])} units"


def _what_is_left(line: Row, parts: Parts) -> str:
    whole = next(iter(parts.get("whole_charge", ())), None)
    paid = sum((row["quantity"] for row in parts.get("payments", ())), Decimal(0))
    if whole is None or whole["quantity"] - paid != line["quantity"]:
        return ""
    return (
        f"Balances pay for {number(paid)} of {number(whole['quantity'])} units; these are the rest."
    )
