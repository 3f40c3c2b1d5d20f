"""The bill, worked out slowly: row by row, in plain Python and Decimal, from the rules.

Covers what rates usage: declared metrics, billing periods, cuts, cumulative quantities, conversion
and rounding, flat and tiered rates with their fees, lines of quantity 0 and the rounding of
totals. Rows are the catalog's, as text.
"""

from __future__ import annotations

import json
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Context, Decimal, localcontext
from itertools import pairwise
from typing import Any

Row = dict[str, str]
PLACES_12 = Decimal(1).scaleb(-12)
ROUNDINGS = {"up": ROUND_UP, "down": ROUND_DOWN, "half_up": ROUND_HALF_UP}
START_OF_TIME = datetime(1, 1, 1)  # noqa: DTZ001 - UTC without a zone
FOREVER = datetime(9999, 1, 1)  # noqa: DTZ001 - UTC without a zone
MONTHS = {"monthly": 1, "quarterly": 3, "annual": 12}


@dataclass(frozen=True)
class Event:
    """A usage fact: who, what, when, and its properties as text."""

    transaction_id: str
    customer_id: str
    event_type: str
    timestamp: datetime
    properties: dict[str, str]


@dataclass(frozen=True)
class Line:
    """What a line must agree on; quantities and amounts are summed per this key."""

    contract_id: str
    period_start: datetime
    line_type: str
    product_id: str
    pricing_group_values: str
    presentation_group_values: str
    starting_at: str
    tier_start: str


Figures = dict[Line, tuple[Decimal, Decimal]]


def rate(
    catalog: dict[str, list[Row]],
    metrics: dict[str, dict[str, Any]],
    events: list[Event],
    as_of: datetime,
) -> tuple[Figures, dict[tuple[str, datetime], Decimal]]:
    """The lines of every usage invoice begun by `as_of`, and each invoice's total in US dollars."""
    with localcontext(Context(prec=80, rounding=ROUND_HALF_UP)):
        lines: Figures = {}
        totals = {}
        for contract in catalog["contracts"]:
            for start, end in periods(contract, as_of):
                charged = dict(_period_lines(catalog, metrics, events, contract, start, end))
                lines |= charged
                exact = sum((amount for _, amount in charged.values()), Decimal(0))
                totals[contract["contract_id"], start] = exact.quantize(Decimal("0.01"))
        return lines, totals


def instant(text: str) -> datetime:
    """A catalog time, in UTC and without a zone."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).replace(tzinfo=None)


def add_months(anchor: datetime, months: int) -> datetime:
    """Months added to the anchor itself, clamped to the month's last day."""
    index = anchor.year * 12 + anchor.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return anchor.replace(year=year, month=month, day=min(anchor.day, monthrange(year, month)[1]))


def periods(contract: Row, as_of: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The contract's billing periods that have begun by `as_of`, cut to its term."""
    start = instant(contract["starting_at"])
    end = instant(contract["ending_before"]) if contract["ending_before"] else FOREVER
    anchor = {
        "": start.replace(day=1, hour=0),
        "first_of_month": start.replace(day=1, hour=0),
        "contract_start": start,
        "custom_date": instant(contract["billing_anchor_date"] or contract["starting_at"]),
    }[contract["billing_anchor"]]
    frequency = contract["billing_frequency"] or "monthly"
    for k in range(-600, 600):
        if frequency == "weekly":
            low, high = anchor + timedelta(weeks=k), anchor + timedelta(weeks=k + 1)
        else:
            step = MONTHS[frequency]
            low, high = add_months(anchor, k * step), add_months(anchor, (k + 1) * step)
        low, high = max(low, start), min(high, end)
        if low < high and low <= as_of:
            yield low, high


def _period_lines(
    catalog: dict[str, list[Row]],
    metrics: dict[str, dict[str, Any]],
    events: list[Event],
    contract: Row,
    start: datetime,
    end: datetime,
) -> Iterator[tuple[Line, tuple[Decimal, Decimal]]]:
    on_card = [r for r in catalog["rates"] if r["rate_card_id"] == contract["rate_card_id"]]
    used = [
        e for e in events if e.customer_id == contract["customer_id"] and start <= e.timestamp < end
    ]
    for product_id in sorted({r["product_id"] for r in on_card}):
        versions = [p for p in catalog["products"] if p["product_id"] == product_id]
        rates = [r for r in on_card if r["product_id"] == product_id]
        cuts = _cuts(versions, rates, start, end)
        yield from _product_lines(
            catalog, metrics, used, contract, product_id, versions, rates, cuts
        )


def _cuts(versions: list[Row], rates: list[Row], start: datetime, end: datetime) -> list[datetime]:
    """The period's ends, and where the version or a rate row in force changes strictly inside."""
    instants = {instant(v["starting_at"]) for v in versions if v["starting_at"]}
    candidates = {instant(r["starting_at"]) for r in rates}
    candidates |= {instant(r["ending_before"]) for r in rates if r["ending_before"]}
    for values in {r["pricing_group_values"] for r in rates}:
        same = [r for r in rates if r["pricing_group_values"] == values]
        for at in candidates:
            before, now = _in_force(same, at - timedelta(microseconds=1)), _in_force(same, at)
            if before is not now:
                instants.add(at)
    return [start, *sorted(i for i in instants if start < i < end), end]


def _in_force(rates: list[Row], at: datetime) -> Row | None:
    """The row with the latest start not after the instant, if it has not ended."""
    begun = [r for r in rates if instant(r["starting_at"]) <= at]
    if not begun:
        return None
    newest = max(begun, key=lambda r: instant(r["starting_at"]))
    if newest["ending_before"] and instant(newest["ending_before"]) <= at:
        return None
    return newest


def _version(versions: list[Row], at: datetime) -> Row:
    begun = [v for v in versions if not v["starting_at"] or instant(v["starting_at"]) <= at]
    return max(
        begun, key=lambda v: instant(v["starting_at"]) if v["starting_at"] else START_OF_TIME
    )


def _product_lines(
    catalog: dict[str, list[Row]],
    metrics: dict[str, dict[str, Any]],
    used: list[Event],
    contract: Row,
    product_id: str,
    versions: list[Row],
    rates: list[Row],
    cuts: list[datetime],
) -> Iterator[tuple[Line, tuple[Decimal, Decimal]]]:
    counters: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    fees_due: set[tuple[str, str, Decimal]] = set()
    zero_line: tuple[datetime, Row] | None = None
    any_line = False
    for low, high in pairwise(cuts):
        version = _version(versions, low)
        whole = version["evaluation"] == "period"
        if whole:
            usage = _quantities(metrics, version, used, high) if high == cuts[-1] else {}
        else:
            before = _quantities(metrics, version, used, low)
            after = _quantities(metrics, version, used, high)
            usage = {
                g: after.get(g, Decimal(0)) - before.get(g, Decimal(0)) for g in after | before
            }
        if not version["pricing_group_keys"] and zero_line is None:
            row = _in_force([r for r in rates if not r["pricing_group_values"]], low)
            if row is not None and row["is_entitled"] != "false":
                zero_line = (low, row)
        for (pricing, presentation), quantity in sorted(usage.items()):
            row = _in_force(
                [r for r in rates if _canonical(r["pricing_group_values"]) == pricing], low
            )
            if quantity == 0 or row is None or row["is_entitled"] == "false":
                continue
            position = counters[pricing, presentation]
            counters[pricing, presentation] += quantity
            for line_type, tier, units, price in _priced(catalog, row, position, quantity):
                if line_type == "flat_fee":
                    if (pricing, presentation, tier) in fees_due:
                        continue
                    fees_due.add((pricing, presentation, tier))
                    if price == 0:
                        continue
                any_line = True
                key = Line(
                    contract["contract_id"],
                    cuts[0],
                    line_type,
                    product_id,
                    pricing,
                    presentation,
                    low.isoformat(),
                    "" if tier is None else str(tier.normalize()),
                )
                yield key, (units, (units * price).quantize(PLACES_12, ROUND_HALF_UP))
    if zero_line and not any_line:
        low, row = zero_line
        tier = "0" if row["rate_type"] == "tiered" else ""
        yield (
            Line(
                contract["contract_id"], cuts[0], "usage", product_id, "", "", low.isoformat(), tier
            ),
            (Decimal(0), Decimal(0)),
        )


def _priced(
    catalog: dict[str, list[Row]], row: Row, position: Decimal, quantity: Decimal
) -> Iterator[tuple[str, Any, Decimal, Decimal]]:
    """The parts of a slice, unit range by unit range: (line type, tier start, units, price)."""
    if row["rate_type"] == "flat":
        yield "usage", None, quantity, Decimal(row["price"])
        return
    tiers = sorted(
        (t for t in catalog["rate_tiers"] if t["rate_id"] == row["rate_id"]),
        key=lambda t: Decimal(t["tier_start"]),
    )
    bounds = [
        Decimal("-Infinity"),
        *(Decimal(t["tier_start"]) for t in tiers[1:]),
        Decimal("Infinity"),
    ]
    low, high = sorted((position, position + quantity))
    for tier, bottom, top in zip(tiers, bounds, bounds[1:], strict=False):
        units = min(high, top) - max(low, bottom)
        if units > 0:
            yield (
                "usage",
                Decimal(tier["tier_start"]),
                units.copy_sign(quantity),
                Decimal(tier["price"]),
            )
        if quantity > 0 and high > Decimal(tier["tier_start"]):
            yield (
                "flat_fee",
                Decimal(tier["tier_start"]),
                Decimal(1),
                Decimal(tier["flat_fee"] or "0"),
            )


def _quantities(
    metrics: dict[str, dict[str, Any]], version: Row, used: list[Event], until: datetime
) -> dict[tuple[str, str], Decimal]:
    """Q per group, of the events before `until`: the metric, converted and rounded."""
    metric = metrics[version["metric_name"]]
    pricing = [k for k in version["pricing_group_keys"].split("|") if k]
    presentation = [k for k in version["presentation_group_keys"].split("|") if k]
    groups: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in used:
        if event.timestamp < until and event.event_type in metric["event_types"]:
            groups[_values(event, pricing), _values(event, presentation)].append(event)
    measured = {}
    for group, members in groups.items():
        value = _aggregate(metric, members)
        if value is not None:
            measured[group] = _adjust(version, value)
    return measured


def _aggregate(metric: dict[str, Any], members: list[Event]) -> Decimal | None:
    kind = metric["aggregation"]
    if kind == "count":
        return Decimal(len(members))
    texts = [
        (e.timestamp, e.transaction_id, e.properties[metric["property"]])
        for e in members
        if metric["property"] in e.properties
    ]
    if kind == "unique":
        return Decimal(len({text for _, _, text in texts}))
    if not texts:
        return None
    if kind == "sum":
        return sum((Decimal(text) for *_, text in texts), Decimal(0))
    return Decimal(max(texts)[2]) if kind == "latest" else max(Decimal(text) for *_, text in texts)


def _adjust(version: Row, value: Decimal) -> Decimal:
    factor = Decimal(version["conversion_factor"] or "1")
    if version["conversion_operation"] == "multiply":
        value = (value * factor).quantize(PLACES_12, ROUND_HALF_UP)
    if version["conversion_operation"] == "divide":
        value = (value / factor).quantize(PLACES_12, ROUND_HALF_UP)
    if version["rounding_method"]:
        unit = Decimal(1).scaleb(-int(version["rounding_decimal_places"] or "0"))
        value = value.quantize(unit, ROUNDINGS[version["rounding_method"]])
    return value


def _values(event: Event, keys: list[str]) -> str:
    if not keys:
        return ""
    return json.dumps({k: event.properties.get(k) for k in sorted(keys)}, separators=(",", ":"))


def _canonical(text: str) -> str:
    if not text:
        return ""
    pairs = dict(part.split("=", 1) for part in text.split("|"))
    return json.dumps(dict(sorted(pairs.items())), separators=(",", ":"))
