"""Which landed events a declared metric counts, and what it reads of each.

Owns the condition and the value as SQL over the columns of `metric_events`, for those who follow a
quantity back to its events. A metric in SQL counts as its query says, which no condition on one
event can tell.
"""

from __future__ import annotations

from dataclasses import dataclass

from bursar.metrics.columns import number_column
from bursar.metrics.declared import NUMBER_AGGREGATIONS, Aggregation, read_declared
from bursar.metrics.declared_sql import row_conditions
from bursar.metrics.observed import Observed
from bursar.metrics.problems import Problems, Source
from bursar.properties import property_column


@dataclass(frozen=True)
class Counted:
    """What a declared metric does with events.

    Args:
        aggregation: `count`, `sum`, `max`, `latest` or `unique`.
        condition: SQL: whether an event counts, its scope and groups aside.
        value: SQL: what is counted of it; `1` for a count.
    """

    aggregation: str
    condition: str
    value: str


def counted_events(source: Source) -> Counted | None:
    """What the metric of a file counts; None if it is no declared metric, or a broken one."""
    if not source.path.endswith((".yml", ".yaml")):
        return None
    metric = read_declared(source, Observed({}), Problems(source))
    if metric is None:
        return None
    value = "1"
    if metric.property is not None and metric.aggregation is not Aggregation.COUNT:
        is_number = metric.aggregation in NUMBER_AGGREGATIONS
        value = number_column(metric.property) if is_number else property_column(metric.property)
    conditions = row_conditions(metric)
    if value != "1":
        conditions.append(f"metric_events.{value} is not null")
    return Counted(metric.aggregation.value, " and ".join(conditions) or "true", value)
