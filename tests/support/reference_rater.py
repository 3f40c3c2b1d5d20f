"""The bill, worked out slowly: row by row, in plain Python and Decimal, from the rules.

Covers what rates usage: billing periods, cuts, cumulative quantities, prices with their overrides,
tiers and fees, lines of quantity 0, composites and their minimum, pricing units, and the rounding
of totals. It leaves the catalog's rows, metering and prices to its neighbours `reference_*`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from itertools import pairwise
from typing import Any

from tests.support.reference_catalog import (
    Catalog,
    Row,
    ends,
    items,
    newest_in_force,
    of_product,
    periods,
    starts,
    to_places,
)
from tests.support.reference_metering import Event, Groups, quantities
from tests.support.reference_prices import FIRST, Price, price_at, targets

MINOR_UNITS = {"USD": Decimal("0.01"), "JPY": Decimal(1), "KWD": Decimal("0.001")}
NO_GROUPS: Groups = ("", "")


@dataclass(frozen=True)
class Line:
    """What a line must agree on."""

    contract_id: str
    period_start: datetime
    line_type: str
    product_id: str = ""
    pricing_group_values: str = ""
    presentation_group_values: str = ""
    starting_at: datetime | None = None
    tier_start: Decimal | None = None
    pricing_unit: str = ""
    quantity: Decimal = Decimal(0)
    unit_price: Decimal = Decimal(0)
    list_price: Decimal | None = None
    amount: Decimal = Decimal(0)
    override_id: str = ""


@dataclass(frozen=True)
class Unrated:
    """Usage without a price."""

    contract_id: str
    product_id: str
    starting_at: datetime
    pricing_group_values: str
    presentation_group_values: str
    quantity: Decimal
    reason: str


@dataclass(frozen=True)
class Rated:
    """A slice's quantity of one group, and its price."""

    start: datetime
    quantity: Decimal
    price: Price


@dataclass(frozen=True)
class Bill:
    """Every line of every usage invoice, what has no price, and each invoice's total."""

    lines: list[Line]
    unrated: list[Unrated]
    totals: dict[tuple[str, datetime], Decimal]


Metrics = dict[str, dict[str, Any]]


def rate(catalog: Catalog, metrics: Metrics, events: list[Event], as_of: datetime) -> Bill:
    """The lines of every usage invoice begun by `as_of`, without their rounding lines."""
    bill = Bill([], [], {})
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
    lines: list[Line] = []
    on_card = [r for r in catalog["rates"] if r["rate_card_id"] == contract["rate_card_id"]]
    composites = []
    for product_id in sorted({r["product_id"] for r in on_card}):
        versions = of_product(catalog, "products", product_id)
        if versions[0]["product_type"] == "composite":
            composites.append(versions)
        else:
            found, unrated = _usage_lines(catalog, metrics, used, contract, versions, period)
            lines += found
            bill.unrated.extend(unrated)
    base = list(lines)
    for versions in composites:
        lines += _composite_lines(catalog, contract, versions, period, base)
    lines += _conversion_lines(catalog, contract, period, lines)
    bill.lines.extend(lines)
    currency = _card(catalog, contract)["currency"]
    exact = sum((line.amount for line in lines if line.pricing_unit == currency), Decimal(0))
    total = exact.quantize(MINOR_UNITS[currency], ROUND_HALF_UP)
    bill.totals[contract["contract_id"], period[0]] = total


def _card(catalog: Catalog, contract: Row) -> Row:
    return next(c for c in catalog["rate_cards"] if c["rate_card_id"] == contract["rate_card_id"])


def _cuts(
    catalog: Catalog, contract: Row, versions: list[Row], period: tuple[datetime, datetime]
) -> list[datetime]:
    """The period's ends, and where version, rate in force or override change strictly inside."""
    instants = {starts(version) for version in versions}
    rates = [
        r
        for r in of_product(catalog, "rates", versions[0]["product_id"])
        if r["rate_card_id"] == contract["rate_card_id"]
    ]
    priced = {(r.get("pricing_group_values", ""), r.get("rate_basis") or "list") for r in rates}
    for values, basis in priced:
        same = [
            r
            for r in rates
            if r.get("pricing_group_values", "") == values
            and (r.get("rate_basis") or "list") == basis
        ]
        for at in {starts(r) for r in same} | {ends(r) for r in same}:
            if newest_in_force(same, at - timedelta(hours=1)) is not newest_in_force(same, at):
                instants.add(at)
    for override in catalog["contract_overrides"]:
        if targets(override, contract, versions):
            instants |= {starts(override), ends(override)}
    return [period[0], *sorted(i for i in instants if period[0] < i < period[1]), period[1]]


def _version(versions: list[Row], at: datetime) -> Row | None:
    return max((v for v in versions if starts(v) <= at), key=starts, default=None)


def _usage_lines(
    catalog: Catalog,
    metrics: Metrics,
    used: list[Event],
    contract: Row,
    versions: list[Row],
    period: tuple[datetime, datetime],
) -> tuple[list[Line], list[Unrated]]:
    rated: dict[Groups, list[Rated]] = defaultdict(list)
    unrated = []
    idle: Rated | None = None
    cuts = _cuts(catalog, contract, versions, period)
    about = Line(contract["contract_id"], period[0], "usage", versions[0]["product_id"])
    for low, high in pairwise(cuts):
        version = _version(versions, low)
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
    lines = [
        replace(line, pricing_group_values=groups[0], presentation_group_values=groups[1])
        for groups, slices in rated.items()
        for line in _group_lines(about, slices)
    ]
    if idle is not None and not lines:
        lines = [_idle_line(about, idle)]
    return lines, unrated


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


def _group_lines(about: Line, slices: list[Rated]) -> Iterator[Line]:
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
            yield _charged(line, price, rated.quantity, max(before, counter), counter_in_the_end)
        elif price.kind == "volume":
            tier = price.tier(counter_in_the_end).start
            line = replace(line, tier_start=tier)
            yield _charged(line, price, rated.quantity, max(before, counter), counter_in_the_end)
            if number == len(slices) and counter_in_the_end > 0:
                due = [tier]
        else:
            yield from _tier_lines(line, price, before, counter, counter_in_the_end)
            if rated.quantity > 0:
                due = [t.start for t in price.tiers if t.fee is not None and t.start < counter]
        for tier in due:
            if tier not in reached:
                yield from _fee_lines(line, price, tier)
        reached.update(due)


def _tier_lines(
    line: Line, price: Price, before: Decimal, after: Decimal, counter_in_the_end: Decimal
) -> Iterator[Line]:
    """A graduated span, cut at the bounds of the price."""
    low, high = sorted((before, after))
    bounds = [Decimal("-Infinity"), *price.bounds[1:], Decimal("Infinity")]
    for start, (bottom, top) in zip(price.bounds, pairwise(bounds), strict=True):
        units = min(high, top) - max(low, bottom)
        if units > 0:
            yield _charged(
                replace(line, tier_start=start),
                price,
                units.copy_sign(after - before),
                min(high, top),
                counter_in_the_end,
            )


def _charged(
    line: Line, price: Price, quantity: Decimal, highest: Decimal, counter_in_the_end: Decimal
) -> Line:
    """A usage line; where the card's price is otherwise tiered, it is that of the highest unit."""
    listed = price.listed or price
    unit_price = price.unit_price(counter_in_the_end if price.kind == "volume" else highest)
    return replace(
        line,
        quantity=quantity,
        unit_price=unit_price,
        list_price=listed.unit_price(counter_in_the_end if listed.kind == "volume" else highest),
        amount=to_places(quantity * unit_price),
    )


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


def _composite_lines(
    catalog: Catalog,
    contract: Row,
    versions: list[Row],
    period: tuple[datetime, datetime],
    base: list[Line],
) -> Iterator[Line]:
    """A composite's shares of the lines it is based on, and what lacks to its minimum."""
    prices = {}
    for low in _cuts(catalog, contract, versions, period)[:-1]:
        version = _version(versions, low)
        price = version and price_at(catalog, contract, version, NO_GROUPS, low)
        if isinstance(price, Price):
            prices[low] = price
    if not prices:
        return
    about = Line(contract["contract_id"], period[0], "composite", versions[0]["product_id"])
    shares: dict[tuple[str, Decimal], Decimal] = defaultdict(Decimal)
    for line in base:
        assert line.starting_at is not None
        version = _version(versions, line.starting_at)
        price = version and price_at(catalog, contract, version, NO_GROUPS, line.starting_at)
        if version and isinstance(price, Price) and _is_base(catalog, version, line):
            shares[line.pricing_unit, price.unit_price(FIRST)] += line.amount
    first = next(iter(prices.values()))
    if not shares:
        shares[first.unit, first.unit_price(FIRST)] = Decimal(0)
    charged = Decimal(0)
    rate_row = prices[max(prices)]
    unit = (rate_row.listed or rate_row).unit
    for (pricing_unit, share), amount in shares.items():
        line = replace(
            about,
            pricing_unit=pricing_unit,
            quantity=amount,
            unit_price=share,
            amount=to_places(amount * share),
        )
        charged += line.amount if pricing_unit == unit else 0
        yield line
    minimum = rate_row.rate.get("minimum")
    if minimum and charged < Decimal(minimum):
        lacking = Decimal(minimum) - charged
        yield replace(
            about,
            line_type="minimum",
            pricing_unit=unit,
            quantity=Decimal(1),
            unit_price=lacking,
            amount=lacking,
        )


def _is_base(catalog: Catalog, composite: Row, line: Line) -> bool:
    """Whether a composite is a share of a line, by the base product's version at its start."""
    assert line.starting_at is not None
    base = _version(of_product(catalog, "products", line.product_id), line.starting_at)
    named = line.product_id in items(composite.get("composite_product_ids", ""))
    tags = items((base or {}).get("tags", "")) & items(composite.get("composite_tags", ""))
    is_free = line.unit_price == 0 and composite.get("composite_excludes_free") == "true"
    return bool(named or tags) and not is_free


def _conversion_lines(
    catalog: Catalog, contract: Row, period: tuple[datetime, datetime], lines: list[Line]
) -> Iterator[Line]:
    """What was charged in a custom unit, in money: once an invoice and unit."""
    card = _card(catalog, contract)
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
