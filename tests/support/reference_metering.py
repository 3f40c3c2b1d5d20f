"""The slow rater's metering: what a metric gives up to an instant, event by event.

Covers declared metrics at exactly a product's group keys, and metrics that bring their own groups,
whose values are summed over the keys that the product does not use.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal
from typing import Any

from tests.support.reference_catalog import PLACES_12, Row, group_text, items

ROUNDINGS = {"up": ROUND_UP, "down": ROUND_DOWN, "half_up": ROUND_HALF_UP}
Groups = tuple[str, str]


@dataclass(frozen=True)
class Event:
    """A usage fact: who, what, when, and its properties as text."""

    transaction_id: str
    customer_id: str
    event_type: str
    timestamp: datetime
    properties: dict[str, str]


def quantities(
    metric: dict[str, Any], contract: Row, version: Row, used: list[Event], until: datetime
) -> dict[Groups, Decimal]:
    """Q per (pricing values, presentation values), of the events before `until`."""
    pricing = sorted(items(version.get("pricing_group_keys", "")))
    presentation = sorted(items(version.get("presentation_group_keys", "")))
    own_keys = metric.get("own_keys") or sorted({*pricing, *presentation})
    grouped: dict[tuple[str | None, ...], list[Event]] = defaultdict(list)
    for event in used:
        is_counted = event.timestamp < until and event.event_type in metric["event_types"]
        if is_counted and _passes(contract, event):
            grouped[tuple(event.properties.get(key) for key in own_keys)].append(event)
    summed: dict[Groups, Decimal] = {}
    for values, members in grouped.items():
        value = _aggregate(metric, members)
        if value is None:
            continue
        by_key = dict(zip(own_keys, values, strict=True))
        groups = (
            group_text({key: by_key[key] for key in pricing}),
            group_text({key: by_key[key] for key in presentation}),
        )
        summed[groups] = summed.get(groups, Decimal(0)) + value
    return {groups: _adjusted(version, value) for groups, value in summed.items()}


def _passes(contract: Row, event: Event) -> bool:
    """A usage filter keeps what has one of the values, whether events or a metric's own rows."""
    key = contract.get("usage_filter_key")
    return not key or event.properties.get(key) in items(contract["usage_filter_values"])


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


def _adjusted(version: Row, value: Decimal) -> Decimal:
    factor = Decimal(version.get("conversion_factor") or "1")
    if version.get("conversion_operation") == "multiply":
        value = (value * factor).quantize(PLACES_12, ROUND_HALF_UP)
    if version.get("conversion_operation") == "divide":
        value = (value / factor).quantize(PLACES_12, ROUND_HALF_UP)
    if version.get("rounding_method"):
        unit = Decimal(1).scaleb(-int(version["rounding_decimal_places"] or "0"))
        value = value.quantize(unit, ROUNDINGS[version["rounding_method"]])
    return value
