"""Declared metrics: from a declaration to SQL over all scopes at once.

Owns what count, sum, max, latest and unique mean in SQL. It leaves the events to `metric_events`,
the scopes to `metric_scopes`, and a contract's usage filter to a macro of the dbt package.
"""

from __future__ import annotations

import hashlib
import json
from textwrap import indent

from bursar.metrics import exact
from bursar.metrics.columns import number_column, quote_text, texts_list
from bursar.metrics.declared import (
    NUMBER_AGGREGATIONS,
    Aggregation,
    DeclaredMetric,
    Filter,
    FilterKind,
)
from bursar.metrics.definition import (
    CompiledMetric,
    MetricClass,
    MetricDefinition,
    MetricForm,
    NumberReading,
)
from bursar.metrics.frame import SCOPES_AND_EVENTS, group_values, usage_filter
from bursar.metrics.problems import Source
from bursar.properties import property_column

_CLASSES = {
    Aggregation.COUNT: MetricClass.ADDITIVE,
    Aggregation.SUM: MetricClass.ADDITIVE,
    Aggregation.MAX: MetricClass.MERGEABLE,
    Aggregation.LATEST: MetricClass.MERGEABLE,
    Aggregation.UNIQUE: MetricClass.DISTINCT,
}


def define_declared(source: Source, metric: DeclaredMetric) -> MetricDefinition:
    """What the rest of Bursar knows of a declared metric."""
    read = {f.property for f in metric.filters} | set(metric.group_keys)
    if metric.property is not None:
        read.add(metric.property)
    is_number = metric.aggregation in NUMBER_AGGREGATIONS and metric.property is not None
    return MetricDefinition(
        name=source.name,
        form=MetricForm.DECLARED,
        metric_class=_CLASSES[metric.aggregation],
        group_keys=metric.group_keys,
        event_types=metric.event_types,
        properties=tuple(sorted(read)),
        number_properties=(metric.property,) if is_number and metric.property else (),
        unit=metric.unit,
        description=metric.description,
        version_hash=_version_hash(metric),
    )


def compile_declared(source: Source, metric: DeclaredMetric) -> CompiledMetric:
    """The dbt model of a declared metric."""
    definition = define_declared(source, metric)
    columns = {key: property_column(key) for key in definition.properties}
    steps = [
        SCOPES_AND_EVENTS.format(name=quote_text(source.name)),
        _matched(metric, columns),
        *_measured(metric),
        _final(source, metric),
        "select * from final\n",
    ]
    readings = tuple(
        NumberReading(key, " and ".join(row_conditions(metric)))
        for key in definition.number_properties
    )
    return CompiledMetric(definition, source.path, "\n".join(steps), readings)


def _version_hash(metric: DeclaredMetric) -> str:
    filters = sorted([f.property, f.kind.value, sorted(f.values), f.exists] for f in metric.filters)
    meaning = {
        "aggregation": metric.aggregation.value,
        "property": metric.property,
        "event_types": metric.event_types,
        "filters": filters,
        "group_keys": sorted(metric.group_keys),
    }
    return hashlib.sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()[:16]


def row_conditions(metric: DeclaredMetric) -> list[str]:
    """Whether an event counts, as conditions on the columns of `metric_events`."""
    conditions = []
    if metric.event_types is not None:
        conditions.append(f"metric_events.event_type in ({texts_list(metric.event_types)})")
    return conditions + [_filter_condition(f) for f in metric.filters]


def _filter_condition(condition: Filter) -> str:
    column = f"metric_events.{property_column(condition.property)}"
    if condition.kind is FilterKind.EXISTS:
        return f"{column} is {'not null' if condition.exists else 'null'}"
    values = texts_list(condition.values)
    if condition.kind is FilterKind.IN:
        return f"{column} in ({values})"
    return f"({column} is null or {column} not in ({values}))"


def _matched(metric: DeclaredMetric, columns: dict[str, str]) -> str:
    """One row an event and scope; keys that the scope does not group by are null for all."""
    lines = ["scopes.scope_id"]
    lines += [
        f"case when list_contains(scopes.group_keys, {quote_text(key)})"
        f" then metric_events.{columns[key]} end as {columns[key]}"
        for key in metric.group_keys
    ]
    if metric.property is not None:
        is_number = metric.aggregation in NUMBER_AGGREGATIONS
        column = number_column(metric.property) if is_number else columns[metric.property]
        lines.append(f"metric_events.{column} as amount")
    if metric.aggregation is Aggregation.LATEST:
        lines += ['metric_events."timestamp"', "metric_events.transaction_id"]
    conditions = row_conditions(metric)
    where = f"    where\n{indent(_joined(conditions), ' ' * 8)}\n" if conditions else ""
    return (
        "matched as (\n    select\n"
        + indent(",\n".join(lines), " " * 8)
        + "\n    from scopes\n    inner join metric_events\n"
        + "        on scopes.customer_id = metric_events.customer_id\n"
        + '        and metric_events."timestamp" >= scopes.window_start\n'
        + '        and metric_events."timestamp" < scopes.window_end\n'
        + f"        and {usage_filter(columns)}\n"
        + where
        + "),\n"
    )


def _joined(conditions: list[str]) -> str:
    return "\nand ".join(conditions)


def _measured(metric: DeclaredMetric) -> list[str]:
    keys = [property_column(key) for key in metric.group_keys]
    if metric.aggregation is not Aggregation.SUM:
        return [
            _select("measured", ["scope_id", *keys, f"{_aggregate(metric)} as value"], "matched")
        ]
    # A sum that cannot overflow: huge amounts are summed apart, whole parts and fractions.
    names = ("ordinary", "huge", "huge_fraction")
    parts = [
        f"{part} as {name}" for part, name in zip(exact.sum_parts("amount"), names, strict=True)
    ]
    total = f"{exact.sum_of_parts(*names)} as value"
    return [
        _select("summed_in_parts", ["scope_id", *keys, *parts], "matched"),
        _select("measured", ["scope_id", *keys, total], "summed_in_parts", is_grouped=False),
    ]


def _select(name: str, columns: list[str], relation: str, *, is_grouped: bool = True) -> str:
    listed = ",\n        ".join(columns)
    grouping = "\n    group by all" if is_grouped else ""
    return f"{name} as (\n    select\n        {listed}\n    from {relation}{grouping}\n),\n"


def _aggregate(metric: DeclaredMetric) -> str:
    match metric.aggregation:
        case Aggregation.COUNT:
            return "count(*)"
        case Aggregation.UNIQUE:
            return "count(distinct amount)"
        case Aggregation.MAX:
            return "max(amount)"
        case _:
            # Two events of one instant and id are told apart by the amount, so that the result is
            # one.
            return (
                'arg_max(amount, row("timestamp", transaction_id, amount))'
                " filter (where amount is not null)"
            )


def _final(source: Source, metric: DeclaredMetric) -> str:
    is_count = metric.aggregation in (Aggregation.COUNT, Aggregation.UNIQUE)
    value = "coalesce(measured.value, 0)" if is_count else "measured.value"
    columns = {key: f"measured.{property_column(key)}" for key in metric.group_keys}
    return (
        "-- Without group keys a scope has a quantity even if it has no events.\n"
        "final as (\n    select\n"
        f"        {quote_text(source.name)} as metric_name,\n"
        "        scopes.scope_id,\n"
        f"        {group_values(columns)} as group_values,\n"
        f"        try_cast({value} as decimal(38, 12)) as value\n"
        "    from scopes\n"
        "    left join measured on scopes.scope_id = measured.scope_id\n"
        "    where measured.scope_id is not null or len(scopes.group_keys) = 0\n"
        ")\n"
    )
