"""What must be equal for an explanation to hold, by the line's type.

Owns the arithmetic, in decimals and to the last digit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Context, Decimal, localcontext

from bursar.warehouse.explaining.balance_sums import (
    payment_sums,
    purchase_sums,
    true_up_sums,
    twin_sums,
)
from bursar.warehouse.explaining.part import Row
from bursar.warehouse.explaining.sum import Sum, rounded, total

_ROUNDINGS = {"up": ROUND_UP, "down": ROUND_DOWN, "half_up": ROUND_HALF_UP}


def sums_of(line: Row, parts: Mapping[str, Sequence[Row]]) -> list[Sum]:
    """What must be equal: the amount always, the rest by the line's type and by who paid.

    Where a charge is cut between payers, the last digits of its pieces are the cut's, and not those
    of quantity times price.

    Args:
        line: The line.
        parts: The rows of its explanation's parts, by name.
    """
    with localcontext(Context(prec=80, rounding=ROUND_HALF_UP)):
        if line["corrects_invoice_id"] is not None:
            return _correction(line, parts)
        found = _BY_TYPE.get(line["line_type"], _nothing)(line, parts)
        found += payment_sums(line, parts)
        if not _is_cut(line, parts):
            product = rounded(line["quantity"] * line["unit_price"])
            found = [
                Sum("quantity times unit price is the amount", product, line["amount"]),
                *found,
            ]
        return found


def _is_cut(line: Row, parts: Mapping[str, Sequence[Row]]) -> bool:
    """Whether several paid for the charge that a line is of, or may have, once it is finalized."""
    if "payments" in parts:
        return len(parts["payments"]) + len(parts.get("left_to_pay", ())) > 1
    others = (other.get("commit_id") for other in parts.get("lines", ()))
    is_paid = line["commit_segment_starting_at"] is not None
    return is_paid or any(commit_id is not None for commit_id in others)


def _correction(line: Row, parts: Mapping[str, Sequence[Row]]) -> list[Sum]:
    """A difference of what may have been cut: its last digits are not quantity times price."""
    if line["line_type"] == "rounding":
        return _rounding(line, parts)
    own = [row for row in parts.get("corrected", ()) if row["is_this_line"]]
    found = [Sum("what the correction says is the amount", total(own, "amount"), line["amount"])]
    if line["line_type"] == "commit_applied":
        found += twin_sums(line, parts)
    return found + payment_sums(line, parts)


def _nothing(line: Row, parts: Mapping[str, Sequence[Row]]) -> list[Sum]:
    return []


def _usage(line: Row, parts: Mapping[str, Sequence[Row]]) -> list[Sum]:
    """A line of quantity 0 has no counter: nothing was used."""
    if "counter" not in parts:
        return []
    quantity = parts["counter"][0]["quantity"]
    lines = [row for row in parts.get("lines", ()) if row["line_type"] == "usage"]
    return [
        Sum("the days add up to the slice", total(parts["days"], "quantity"), quantity),
        Sum("the slice's lines add up to it", total(lines, "quantity"), quantity, True),
    ]


def _subscription(line: Row, parts: Mapping[str, Sequence[Row]]) -> list[Sum]:
    price = sum((_prorated(row) for row in parts.get("proration", ())), Decimal(0))
    return [Sum("the hours give the price", price, line["unit_price"], True)]


def _whole(line: Row, parts: Mapping[str, Sequence[Row]]) -> Row:
    """The charge that a line is of: the line itself, unless a balance paid for a part of it."""
    return parts["whole_charge"][0] if "whole_charge" in parts else line


def _composite(line: Row, parts: Mapping[str, Sequence[Row]]) -> list[Sum]:
    base = total(parts.get("base", ()), "amount")
    whole = _whole(line, parts)["quantity"]
    return [Sum("the base adds up to the quantity", base, whole, True)]


def _minimum(line: Row, parts: Mapping[str, Sequence[Row]]) -> list[Sum]:
    short = total(parts.get("rate", ()), "minimum") - total(parts.get("lines", ()), "amount")
    whole = _whole(line, parts)["amount"]
    return [Sum("the minimum less the lines is the amount", short, whole, True)]


def _conversion(line: Row, parts: Mapping[str, Sequence[Row]]) -> list[Sum]:
    units = total(parts.get("lines", ()), "amount")
    return [Sum("the lines in the unit are the quantity", units, line["quantity"])]


def _rounding(line: Row, parts: Mapping[str, Sequence[Row]]) -> list[Sum]:
    gap = parts["total"][0]["total"] - total(parts.get("lines", ()), "amount")
    return [Sum("the total less the lines is the rounding", gap, line["amount"])]


def _scheduled(line: Row, parts: Mapping[str, Sequence[Row]]) -> list[Sum]:
    if "charge" not in parts or parts["charge"][0]["amount_distribution"] != "divided":
        return []
    charge = parts["charge"][0]
    found = total(parts["dates"], "unit_price")
    unit = Decimal(1).scaleb(-charge["minor_unit"])
    return [Sum("the parts add up to the amount", found, charge["amount"].quantize(unit))]


_BY_TYPE = {
    "usage": _usage,
    "subscription": _subscription,
    "composite": _composite,
    "minimum": _minimum,
    "pricing_unit_conversion": _conversion,
    "rounding": _rounding,
    "scheduled": _scheduled,
    "commit_applied": twin_sums,
    "commit_purchase": purchase_sums,
    "true_up": true_up_sums,
}


def _prorated(row: Row) -> Decimal:
    """The price of a part of a period, rounded as the subscription says."""
    price: Decimal = row["period_price"]
    if not row["is_prorated"]:
        return price
    price = rounded(price * row["hours_covered"] / row["hours_of_the_period"])
    method, places = row["proration_rounding_method"], row["proration_decimal_places"]
    return price.quantize(Decimal(1).scaleb(-places), _ROUNDINGS[method]) if method else price
