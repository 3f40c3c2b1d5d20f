"""What must be equal for a balance's part in a line to hold.

Owns the arithmetic of a charge that balances paid for, in decimals and to the last digit: it cuts
the charge once more as balances.md does, and compares. It leaves the rows to
``bursar.warehouse.explaining.balance_parts``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import groupby

from bursar.warehouse.explaining.part import Row
from bursar.warehouse.explaining.sum import Sum, rounded, total

Parts = Mapping[str, Sequence[Row]]
_NOTHING = Decimal(0)


def payment_sums(line: Row, parts: Parts) -> list[Sum]:
    """That a charge's payments and what they left to pay are the charge; none if nobody paid.

    Covered lines count once; their twins are no part of it.
    """
    if "payments" not in parts:
        return _ledger(parts)
    charge, payments = parts["whole_charge"][0], parts["payments"]
    left = parts.get("left_to_pay", ())
    quantity = total(payments, "quantity") + total(left, "quantity")
    return [
        _today("paid and left units are those of the charge", quantity, charge["quantity"]),
        _today(
            "what no balance paid is left to pay", total(left, "amount"), _rest(charge, payments)
        ),
        *_own_payment(line, payments),
        *_ledger(parts),
    ]


def twin_sums(line: Row, parts: Parts) -> list[Sum]:
    """That a twin takes off what its line has put on."""
    covered = parts["covered"][0]
    return [
        Sum("the covered line, negated, is the amount", -covered["amount"], line["amount"]),
        Sum("its units, negated, are the quantity", -covered["quantity"], line["quantity"]),
    ]


def purchase_sums(line: Row, parts: Parts) -> list[Sum]:
    """That the catalog has this amount at this date."""
    due = [row for row in parts.get("purchases", ()) if row["is_this_lines"]]
    return [
        _today("the amount due at its date is the amount", total(due, "amount"), line["amount"])
    ]


def true_up_sums(line: Row, parts: Parts) -> list[Sum]:
    """That the promise less what was matched is trued up."""
    gap = total(parts.get("promise", ()), "promised") - total(parts.get("matched", ()), "amount")
    return [_today("the promise less what met it is the amount", gap, line["amount"])]


def _rest(charge: Row, payments: Sequence[Row]) -> Decimal:
    """What is left to pay, cut once more: at the ordinary price to the last digit, else anew."""
    rest, units = charge["amount"], charge["quantity"]
    for _, group in groupby(
        payments, key=lambda row: (row["commit_id"], row["segment_starting_at"])
    ):
        pieces = list(group)
        units -= total(pieces, "quantity")
        if not units:
            return _NOTHING
        if all(piece["unit_price"] == charge["unit_price"] for piece in pieces):
            rest -= total(pieces, "paid")
        else:
            rest = rounded(units * charge["unit_price"])
    return Decimal(rest)


def _own_payment(line: Row, payments: Sequence[Row]) -> list[Sum]:
    if line["commit_id"] is None:
        return []
    paid = total([row for row in payments if row["is_this_line"]], "paid")
    amount = abs(line["amount"])
    return [_today("what the segment paid is the amount", paid, amount)]


def _ledger(parts: Parts) -> list[Sum]:
    return [
        Sum(
            "the lines that it paid are the segment's draw in the ledger",
            entry["lines_that_it_paid"],
            -entry["amount"],
        )
        for entry in parts.get("ledger_entry", ())
    ]


def _today(what: str, found: Decimal, expected: Decimal) -> Sum:
    return Sum(what, found, expected, is_of_today=True)
