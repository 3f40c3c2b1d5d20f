"""Where a price came from, in words: rate card, override, tier, proration.

Owns the words. A price is traced to a rate or an override only where these give it to the last
digit: a finalized line's may have changed since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import TYPE_CHECKING

from bursar.cli.figures import number

if TYPE_CHECKING:
    from bursar.warehouse.answers import Row

Parts = Mapping[str, Sequence["Row"]]
TIMES = "\N{MULTIPLICATION SIGN}"
_PLACES_12 = Decimal(1).scaleb(-12)
_PERIODS = {"weekly": "week", "monthly": "month", "quarterly": "quarter", "annual": "year"}


def price_words(line: Row, parts: Parts) -> str:
    """Where the unit price of usage came from."""
    return _origin(line, parts, line["unit_price"], line["list_price"])


def period_price_words(line: Row, parts: Parts) -> str:
    """Where the price of a subscription's period came from, and what part of it is charged."""
    proration = next(iter(parts.get("proration", ())), None)
    if proration is None or proration["unit_price"] != line["unit_price"]:
        return "The price is that of a part of the period." if line["is_prorated"] else ""
    subscription = next(iter(parts.get("subscription", ())), None)
    period = _PERIODS.get(subscription["billing_frequency"], "period") if subscription else "period"
    price = f"{number(proration['period_price'])} {line['pricing_unit']}"
    words = f"A whole {period} costs {price}."
    if line["is_prorated"]:
        words = (
            f"A whole {period} costs {price}; {proration['hours_covered']:,} of its"
            f" {proration['hours_of_the_period']:,} hours are charged"
        )
        if proration["proration_rounding_method"]:
            method = proration["proration_rounding_method"].replace("_", " ")
            places = proration["proration_decimal_places"]
            words += f", rounded {method} to {places} places"
        words += "."
    origin = _origin(line, parts, proration["period_price"], proration["list_price_of_a_period"])
    return f"{words} {origin}".strip()


def tier_words(line: Row, parts: Parts) -> str:
    """Which units have the price of this line's tier."""
    start = line["tier_start"]
    tiers = parts.get("tiers", ())
    if start is None or (not start and len(tiers) < 2):
        return ""
    if _is_volume(parts):
        where = f"above {number(start)}" if start else "the first one"
        return f"All units have the price of the tier that the period reaches: {where}."
    mine = [tier for tier in tiers if tier["is_this_lines"]]
    end = mine[0]["tier_end"] if mine and mine[0]["unit_price"] == line["unit_price"] else None
    if not start:
        until = f"first {number(end)} units" if end is not None else "first units"
        return f"The {until} of a billing period have this price."
    until = f" up to {number(end)}" if end is not None else ""
    return f"A billing period's units above {number(start)}{until} have this price."


def _is_volume(parts: Parts) -> bool:
    override = next(iter(parts.get("override", ())), None)
    if override is not None and override["override_type"] == "overwrite":
        return bool(override["rate_type"] == "volume")
    return any(rate["rate_type"] == "volume" for rate in parts.get("rate", ()))


def _origin(line: Row, parts: Parts, price: Decimal, list_price: Decimal | None) -> str:
    """Where a price came from, if it is another one than the rate card's."""
    unit = line["pricing_unit"]
    override = next(iter(parts.get("override", ())), None)
    card = f"{number(list_price)} {unit}" if list_price is not None else "none"
    if override is not None:
        named = f"override {override['override_id']}"
        if override["multiplier"] is not None and list_price is not None:
            with localcontext(Context(prec=80, rounding=ROUND_HALF_UP)):
                product = (list_price * override["multiplier"]).quantize(_PLACES_12)
            if product == price:
                factors = f"{card} {TIMES} {number(override['multiplier'])}"
                return f"The price is the rate card's {factors}, by {named}."
        whose = "balance's" if override["is_commit_specific"] else "contract's"
        return f"The price is the {whose} own, by {named}; the rate card's is {card}."
    if any(rate["rate_basis"] == "commit" for rate in parts.get("rate", ())):
        return f"The price is the rate card's for commits; its list price is {card}."
    if list_price is not None and price != list_price:
        return f"The rate card's list price is {card}."
    return ""
