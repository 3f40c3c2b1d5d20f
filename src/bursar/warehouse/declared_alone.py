"""A declared metric on one scope, in plain Python: the slow way of its proof.

Owns what count, sum, max, latest and unique mean, a second time. It shares nothing with the SQL of
``bursar.metrics.declared_sql``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal, localcontext

from bursar.metrics.declared import Aggregation, DeclaredMetric, Filter, FilterKind
from bursar.warehouse.proof_rows import PLACES, ProofEvent, ProofScope, Row, number_of


def declared_rows(
    metric: DeclaredMetric, events: Sequence[ProofEvent], scope: ProofScope
) -> Counter[Row]:
    """The rows of a declared metric on one scope, in plain Python."""
    groups: dict[tuple[tuple[str, str | None], ...], list[ProofEvent]] = {}
    if not scope.group_keys:
        groups[_declared_group(metric, scope, None)] = []
    for event in events:
        if scope.holds(event) and _passes(metric, event):
            groups.setdefault(_declared_group(metric, scope, event), []).append(event)
    return Counter({(key, _aggregated(metric, members)): 1 for key, members in groups.items()})


def _declared_group(
    metric: DeclaredMetric, scope: ProofScope, event: ProofEvent | None
) -> tuple[tuple[str, str | None], ...]:
    values = {
        key: event.properties.get(key) if event is not None and key in scope.group_keys else None
        for key in metric.group_keys
    }
    return tuple(sorted(values.items()))


def _passes(metric: DeclaredMetric, event: ProofEvent) -> bool:
    if metric.event_types is not None and event.event_type not in metric.event_types:
        return False
    return all(_passes_filter(condition, event) for condition in metric.filters)


def _passes_filter(condition: Filter, event: ProofEvent) -> bool:
    value = event.properties.get(condition.property)
    if condition.kind is FilterKind.EXISTS:
        return (value is not None) is condition.exists
    if condition.kind is FilterKind.IN:
        return value is not None and value in condition.values
    return value is None or value not in condition.values


def _aggregated(metric: DeclaredMetric, events: Sequence[ProofEvent]) -> Decimal | None:
    if metric.aggregation is Aggregation.COUNT:
        return Decimal(len(events)).quantize(PLACES)
    texts = [(event, event.properties.get(metric.property or "")) for event in events]
    if metric.aggregation is Aggregation.UNIQUE:
        return Decimal(len({text for _, text in texts if text is not None})).quantize(PLACES)
    numbers = [
        (event.timestamp, event.transaction_id, number)
        for event, text in texts
        if (number := number_of(text)) is not None
    ]
    if not numbers:
        return None
    if metric.aggregation is Aggregation.SUM:
        with localcontext(prec=60):
            return sum((number for _, _, number in numbers), Decimal(0)).quantize(PLACES)
    if metric.aggregation is Aggregation.MAX:
        return max(number for _, _, number in numbers)
    return max(numbers)[2]
