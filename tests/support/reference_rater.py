"""The bill, worked out slowly: row by row, in plain Python and Decimal, from the rules.

Covers what rates usage: billing periods, cuts, cumulative quantities, prices with their overrides,
tiers and fees, lines of quantity 0, pricing units, and the rounding of totals. It leaves the
catalog's rows, metering, prices and composites to its neighbours `reference_*`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from itertools import pairwise
from typing import Any

from tests.support.reference_catalog import Catalog, Row, of_product, periods, to_places
from tests.support.reference_composites import composite_lines
from tests.support.reference_lines import (
    NO_GROUPS,
    Charged,
    Line,
    Unrated,
    card_of,
    cuts,
    version_at,
)
from tests.support.reference_metering import Event, Groups, quantities
from tests.support.reference_prices import FIRST, Price, price_at

MINOR_UNITS = {"USD": Decimal("0.01"), "JPY": Decimal(1), "KWD": Decimal("0.001")}


@dataclass(frozen=True)
class Rated:
    """A slice's quantity of one group, and its price."""

    start: datetime
    quantity: Decimal
    price: Price


@dataclass(frozen=True)
class Bill:
    """Every line of every usage invoice, what has no price, each invoice's total, the charges."""

    lines: list[Line]
    unrated: list[Unrated]
    totals: dict[tuple[str, datetime], Decimal]
    charged: list[Charged]


Metrics = dict[str, dict[str, Any]]


def rate(catalog: Catalog, metrics: Metrics, events: list[Event], as_of: datetime) -> Bill:
    """The lines of every usage invoice begun by `as_of`, without their rounding lines."""
    bill = Bill([], [], {}, [])
    with localcontext(Context(prec=80, rounding=ROUND_HALF_UP)):
        for contract in catalog["contracts"]:
            own = [e for e in events if e.customer_id == contract["customer_id"]]
            for start, end in periods(contract, as_of):
                used = [e for e in own if start <= e.timestamp < end]
                _rate_period(catalog, metrics, used, contract, (start, end), bill)
    return bill


def _rate_period(
    catalog: Catalog,
    metrics: Metrics,
    used: list[Event],
    contract: Row,
    period: tuple[datetime, datetime],
    bill: Bill,
) -> None:
    charged: list[Charged] = []
    on_card = [r for r in catalog["rates"] if r["rate_card_id"] == contract["rate_card_id"]]
    composites = []
    for product_id in sorted({r["product_id"] for r in on_card}):
        versions = of_product(catalog, "products", product_id)
        if versions[0]["product_type"] == "composite":
            composites.append(versions)
        elif versions[0]["product_type"] == "usage":
            found, unrated = _usage_lines(catalog, metrics, used, contract, versions, period)
            charged += found
            bill.unrated.extend(unrated)
    base = [usage.line for usage in charged]
    for versions in composites:
        shares = composite_lines(catalog, contract, versions, period, base)
        charged += [Charged(line) for line in shares]
    bill.charged.extend(charged)
    lines = [one.line for one in charged]
    lines += _conversion_lines(catalog, contract, period, lines)
    bill.lines.extend(lines)
    currency = card_of(catalog, contract)["currency"]
    exact = sum((line.amount for line in lines if line.pricing_unit == currency), Decimal(0))
    total = exact.quantize(MINOR_UNITS[currency], ROUND_HALF_UP)
    bill.totals[contract["contract_id"], period[0]] = total


def _usage_lines(
    catalog: Catalog,
    metrics: Metrics,
    used: list[Event],
    contract: Row,
    versions: list[Row],
    period: tuple[datetime, datetime],
) -> tuple[list[Charged], list[Unrated]]:
    rated: dict[Groups, list[Rated]] = defaultdict(list)
    unrated = []
    idle: Rated | None = None
    about = Line(contract["contract_id"], period[0], "usage", versions[0]["product_id"])
    for low, high in pairwise(cuts(catalog, contract, versions, period)):
        version = version_at(versions, low)
        if version is None:
            continue
        if idle is None and not version.get("pricing_group_keys"):
            price = price_at(catalog, contract, version, NO_GROUPS, low)
            idle = Rated(low, Decimal(0), price) if isinstance(price, Price) else None
        metric = metrics[version["metric_name"]]
        is_last = high == period[1]
        for groups, quantity in _increments(metric, contract, version, used, low, high, is_last):
            price = price_at(catalog, contract, version, groups, low)
            if isinstance(price, Price):
                rated[groups].append(Rated(low, quantity, price))
            else:
                key = (about.contract_id, about.product_id, low, *groups)
                unrated.append(Unrated(*key, quantity, price))
    charged = [
        one
        for groups, slices in rated.items()
        for one in _group_lines(
            replace(about, pricing_group_values=groups[0], presentation_group_values=groups[1]),
            slices,
        )
    ]
    if idle is not None and not charged:
        charged = [Charged(_idle_line(about, idle))]
    return charged, unrated


def _increments(
    metric: dict[str, Any],
    contract: Row,
    version: Row,
    used: list[Event],
    low: datetime,
    high: datetime,
    is_last: bool,
) -> Iterator[tuple[Groups, Decimal]]:
    """What each group's cumulative quantity rose by in a slice, by the slice's version."""
    before: dict[Groups, Decimal] = {}
    after = quantities(metric, contract, version, used, high)
    if version.get("evaluation") != "period":
        before = quantities(metric, contract, version, used, low)
    elif not is_last:
        return
    for groups in sorted(after.keys() | before.keys()):
        quantity = after.get(groups, Decimal(0)) - before.get(groups, Decimal(0))
        if quantity != 0:
            yield groups, quantity


def _group_lines(about: Line, slices: list[Rated]) -> Iterator[Charged]:
    """The lines of one group of a product in a period, in the order of its slices."""
    counter_in_the_end = sum((s.quantity for s in slices), Decimal(0))
    counter = Decimal(0)
    reached: set[Decimal] = set()
    for number, rated in enumerate(slices, start=1):
        price, before = rated.price, counter
        counter += rated.quantity
        line = replace(
            about,
            starting_at=rated.start,
            pricing_unit=price.unit,
            override_id=price.override_id,
        )
        due: list[Decimal] = []
        if price.kind == "flat":
            yield _charged(line, price, before, counter, counter_in_the_end)
        elif price.kind == "volume":
            tier = price.tier(counter_in_the_end).start
            line = replace(line, tier_start=tier)
            yield _charged(line, price, before, counter, counter_in_the_end)
            if number == len(slices) and counter_in_the_end > 0:
                due = [tier]
        else:
            yield from _tier_lines(line, price, before, counter, counter_in_the_end)
            if rated.quantity > 0:
                due = [t.start for t in price.tiers if t.fee is not None and t.start < counter]
        for tier in due:
            if tier not in reached:
                yield from map(Charged, _fee_lines(line, price, tier))
        reached.update(due)


def _tier_lines(
    line: Line, price: Price, before: Decimal, after: Decimal, counter_in_the_end: Decimal
) -> Iterator[Charged]:
    """A graduated span, cut at the bounds of the price."""
    low, high = sorted((before, after))
    bounds = [Decimal("-Infinity"), *price.bounds[1:], Decimal("Infinity")]
    for start, (bottom, top) in zip(price.bounds, pairwise(bounds), strict=True):
        span = (max(low, bottom), min(high, top))
        if span[0] < span[1]:
            ends = span if before < after else (span[1], span[0])
            yield _charged(replace(line, tier_start=start), price, *ends, counter_in_the_end)


def _charged(
    line: Line, price: Price, before: Decimal, after: Decimal, counter_in_the_end: Decimal
) -> Charged:
    """A usage line; where the card's price is otherwise tiered, it is that of the highest unit."""
    listed = price.listed or price
    quantity, highest = after - before, max(before, after)
    unit_price = price.unit_price(counter_in_the_end if price.kind == "volume" else highest)
    charged = replace(
        line,
        quantity=quantity,
        unit_price=unit_price,
        list_price=listed.unit_price(counter_in_the_end if listed.kind == "volume" else highest),
        amount=to_places(quantity * unit_price),
    )
    return Charged(charged, min(before, after), counter_in_the_end)


def _fee_lines(line: Line, price: Price, start: Decimal) -> Iterator[Line]:
    tier = next(t for t in price.tiers if t.start == start)
    listed = next((t for t in (price.listed or price).tiers if t.start == start), None)
    fee = price.fee(tier)
    if fee != 0:
        yield replace(
            line,
            line_type="flat_fee",
            tier_start=start,
            quantity=Decimal(1),
            unit_price=fee,
            list_price=(listed and listed.fee) or Decimal(0),
            amount=fee,
        )


def _idle_line(about: Line, idle: Rated) -> Line:
    price = idle.price
    return replace(
        about,
        starting_at=idle.start,
        tier_start=None if price.kind == "flat" else FIRST,
        pricing_unit=price.unit,
        unit_price=price.unit_price(FIRST),
        list_price=(price.listed or price).unit_price(FIRST),
        override_id=price.override_id,
    )


def _conversion_lines(
    catalog: Catalog, contract: Row, period: tuple[datetime, datetime], lines: list[Line]
) -> Iterator[Line]:
    """What was charged in a custom unit, in money: once an invoice and unit."""
    card = card_of(catalog, contract)
    for row in catalog["pricing_unit_conversions"]:
        units = sum((i.amount for i in lines if i.pricing_unit == row["pricing_unit"]), Decimal(0))
        if row["rate_card_id"] == card["rate_card_id"] and units != 0:
            price = Decimal(row["price_per_unit"])
            yield Line(
                contract["contract_id"],
                period[0],
                "pricing_unit_conversion",
                pricing_unit=card["currency"],
                quantity=units,
                unit_price=price,
                amount=to_places(units * price),
            )
