"""What must be equal for an explanation to hold, by the line's type.

Owns the arithmetic, in decimals and to the last digit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Context, Decimal, localcontext

from bursar.warehouse.explaining.part import Row

_PLACES_12 = Decimal(1).scaleb(-12)
_ROUNDINGS = {"up": ROUND_UP, "down": ROUND_DOWN, "half_up": ROUND_HALF_UP}


@dataclass(frozen=True)
class Sum:
    """Two figures that must be equal for the explanation to hold."""

    what: str
    found: Decimal
    expected: Decimal


def sums_of(line: Row, parts: Mapping[str, Sequence[Row]]) -> list[Sum]:
    """What must be equal: the amount always, the rest by the line's type.

    Args:
        line: The line.
        parts: The rows of its explanation's parts, by name.
    """
    with localcontext(Context(prec=80, rounding=ROUND_HALF_UP)):
        product = (line["quantity"] * line["unit_price"]).quantize(_PLACES_12)
        found = _BY_TYPE.get(line["line_type"], _nothing)(line, parts)
        return [Sum("quantity times unit price is the amount", product, line["amount"]), *found]


def _nothing(line: Row, parts: Mapping[str, Sequence[Row]]) -> list[Sum]:
    return []


def _usage(line: Row, parts: Mapping[str, Sequence[Row]]) -> list[Sum]:
    """A line of quantity 0 has no counter: nothing was used."""
    if "counter" not in parts:
        return []
    quantity = parts["counter"][0]["quantity"]
    lines = [row for row in parts["lines"] if row["line_type"] == "usage"]
    return [
        Sum("the days add up to the slice", _total(parts["days"], "quantity"), quantity),
        Sum("the slice's lines add up to it", _total(lines, "quantity"), quantity),
    ]


def _subscription(line: Row, parts: Mapping[str, Sequence[Row]]) -> list[Sum]:
    price = _prorated(parts["proration"][0])
    return [Sum("the hours give the price", price, line["unit_price"])]


def _composite(line: Row, parts: Mapping[str, Sequence[Row]]) -> list[Sum]:
    base = _total(parts.get("base", ()), "amount")
    return [Sum("the base adds up to the quantity", base, line["quantity"])]


def _minimum(line: Row, parts: Mapping[str, Sequence[Row]]) -> list[Sum]:
    short = parts["rate"][0]["minimum"] - _total(parts.get("lines", ()), "amount")
    return [Sum("the minimum less the lines is the amount", short, line["amount"])]


def _conversion(line: Row, parts: Mapping[str, Sequence[Row]]) -> list[Sum]:
    units = _total(parts["lines"], "amount")
    return [Sum("the lines in the unit are the quantity", units, line["quantity"])]


def _rounding(line: Row, parts: Mapping[str, Sequence[Row]]) -> list[Sum]:
    gap = parts["total"][0]["total"] - _total(parts.get("lines", ()), "amount")
    return [Sum("the total less the lines is the rounding", gap, line["amount"])]


def _scheduled(line: Row, parts: Mapping[str, Sequence[Row]]) -> list[Sum]:
    charge = parts["charge"][0]
    if charge["amount_distribution"] != "divided":
        return []
    found = _total(parts["dates"], "unit_price")
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
}


def _total(rows: Sequence[Row], column: str) -> Decimal:
    return sum((row[column] for row in rows), Decimal(0))


def _prorated(row: Row) -> Decimal:
    """The price of a part of a period, rounded as the subscription says."""
    price: Decimal = row["period_price"]
    if not row["is_prorated"]:
        return price
    price = (price * row["hours_covered"] / row["hours_of_the_period"]).quantize(_PLACES_12)
    method, places = row["proration_rounding_method"], row["proration_decimal_places"]
    return price.quantize(Decimal(1).scaleb(-places), _ROUNDINGS[method]) if method else price
