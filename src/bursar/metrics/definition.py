"""What the rest of Bursar knows of a metric.

Owns the facts that other rooms read: form, class, event types, properties, groups, version. It
leaves finding them out to the compiler's passes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class MetricForm(StrEnum):
    """How a metric is written."""

    DECLARED = "declared"
    SQL = "sql"


class MetricClass(StrEnum):
    """How a metric's value for a window follows from its values for parts of the window."""

    ADDITIVE = "additive"
    MERGEABLE = "mergeable"
    DISTINCT = "distinct"
    DAY_LOCAL = "day_local"
    HOLISTIC = "holistic"


CLASS_REASONS = {
    MetricClass.ADDITIVE: "a plain sum or count: disjoint windows are evaluated once and added up",
    MetricClass.MERGEABLE: "an extreme or the latest: partial values can be merged, not added",
    MetricClass.DISTINCT: "counts distinct values, which parts share: a window is evaluated whole",
    MetricClass.DAY_LOCAL: "is made of values per day: a day can be evaluated alone",
    MetricClass.HOLISTIC: "needs all events of a window together: each window is evaluated whole",
}


@dataclass(frozen=True)
class MetricDefinition:
    """One metric as the catalog, the models and the landing see it.

    Args:
        name: The file's name without its suffix.
        form: Declared or SQL.
        metric_class: Decided conservatively; only an additive metric is evaluated on disjoint
            windows.
        group_keys: The columns or properties that its quantities are grouped by.
        event_types: The event types that it reads; None for any.
        properties: The properties that it reads, sorted.
        number_properties: Those of them that it reads as numbers, sorted.
        unit: What a quantity counts, such as `token`; empty if not said.
        description: One or more sentences; empty if not said.
        version_hash: Changes when the meaning may have changed, not with description, unit or
            layout.
    """

    name: str
    form: MetricForm
    metric_class: MetricClass
    group_keys: tuple[str, ...]
    event_types: tuple[str, ...] | None
    properties: tuple[str, ...]
    number_properties: tuple[str, ...]
    unit: str
    description: str
    version_hash: str


@dataclass(frozen=True)
class NumberReading:
    """A property that a metric reads as a number, and of which events.

    Args:
        property: The property's key.
        condition: SQL over the columns of `metric_events`; empty for every event.
    """

    property: str
    condition: str


@dataclass(frozen=True)
class CompiledMetric:
    """A metric as a dbt model's text.

    Args:
        definition: What it is.
        source_path: Its file, relative to the project.
        body: The model's SQL, in Jinja only for `ref` and Bursar's macros.
        number_readings: For `metric_number_failures`.
        alone: For the proof of a metric where the engine itself would cut digits, or choose among
            rows that an order leaves equal: the query with that settled, but not lifted, over one
            relation `scope_events`. Else empty.
    """

    definition: MetricDefinition
    source_path: str
    body: str
    number_readings: tuple[NumberReading, ...]
    alone: str = ""
