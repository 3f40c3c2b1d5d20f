"""The proof of a compiled metric: over all scopes at once, and alone on each, give the same rows.

Owns both ways. The slow way shares as little as possible with the compiler: for a SQL metric the
author's own text runs on a table `events` that holds one scope, with properties as a struct; a
declared metric is computed in Python. It leaves the choice of events and scopes to the caller.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any, TypeGuard

import duckdb
import sqlglot
from sqlglot import exp

from bursar.metrics import exact
from bursar.metrics.columns import quote_name, quote_text
from bursar.metrics.declared import Aggregation, DeclaredMetric, Filter, FilterKind
from bursar.metrics.definition import CompiledMetric
from bursar.metrics.models import events_model
from bursar.metrics.rendering import render
from bursar.properties import property_column

_NUMBER = re.compile(r" *([+-]?[0-9]+(?:\.[0-9]+)?)(?:[eE]([+-]?[0-9]+))? *")
_PLACES = Decimal("1e-12")
_WHOLE_DIGITS_MAX = 26

# A quantity of one scope: the group values, and the value.
Row = tuple[tuple[tuple[str, str | None], ...], Decimal | None]


@dataclass(frozen=True)
class ProofEvent:
    """An event; the timestamp is UTC without a zone."""

    transaction_id: str
    customer_id: str
    event_type: str
    timestamp: datetime
    properties: Mapping[str, str]


@dataclass(frozen=True)
class ProofScope:
    """A customer and a window; the group keys are for a declared metric."""

    customer_id: str
    start: datetime
    end: datetime
    group_keys: tuple[str, ...] = ()

    def holds(self, event: ProofEvent) -> bool:
        """Whether an event belongs to the scope."""
        is_inside = self.start <= event.timestamp < self.end
        return is_inside and event.customer_id == self.customer_id


def number_of(text: str | None) -> Decimal | None:
    """A text as a number, as metrics.md says, without the engine; null where it is none."""
    found = _NUMBER.fullmatch(text) if text is not None else None
    if found is None:
        return None
    mantissa, exponent = Decimal(found[1]), int(found[2] or 0)
    if mantissa == 0:
        return Decimal(0).quantize(_PLACES)
    if mantissa.adjusted() + exponent >= _WHOLE_DIGITS_MAX:
        return None
    if mantissa.adjusted() + exponent < -_WHOLE_DIGITS_MAX:
        return Decimal(0).quantize(_PLACES)
    with localcontext(prec=len(text or "") + 100):
        rounded = mantissa.scaleb(exponent).quantize(_PLACES, ROUND_HALF_UP)
    return rounded if rounded.adjusted() < _WHOLE_DIGITS_MAX else None


def compiled_rows(
    metric: CompiledMetric, events: Sequence[ProofEvent], scopes: Sequence[ProofScope]
) -> list[Counter[Row]]:
    """The compiled model's rows, one counter a scope."""
    with duckdb.connect(":memory:") as connection:
        connection.execute("set threads = 1")
        _create_landed(connection, metric.definition.properties, events)
        model = render(events_model([metric]), {}, "select * from landed_events")
        connection.execute(f"create table metric_events as {model}")
        _create_scopes(connection, metric.definition.name, scopes)
        query = render(
            metric.body, {"metric_scopes": "metric_scopes", "metric_events": "metric_events"}
        )
        found: list[Counter[Row]] = [Counter() for _ in scopes]
        rows = connection.execute(
            f"select scope_id, map_entries(group_values), value from ({query})"
        ).fetchall()
    for scope_id, entries, value in rows:
        groups = {entry["key"]: entry["value"] for entry in entries or []}
        found[scope_id][_row(groups, value)] += 1
    return found


def _create_landed(
    connection: duckdb.DuckDBPyConnection, properties: Sequence[str], events: Sequence[ProofEvent]
) -> None:
    columns = "".join(f", {property_column(key)} varchar" for key in properties)
    connection.execute(
        "create table landed_events (transaction_id varchar, customer_id varchar, event_type "
        "varchar,"
        f' "timestamp" timestamp, received_at timestamp{columns})'
    )
    marks = ", ".join("?" for _ in range(5 + len(properties)))
    for event in events:
        values: list[Any] = [event.transaction_id, event.customer_id, event.event_type]
        values += [
            event.timestamp,
            event.timestamp,
            *(event.properties.get(key) for key in properties),
        ]
        connection.execute(f"insert into landed_events values ({marks})", values)


def _create_scopes(
    connection: duckdb.DuckDBPyConnection, name: str, scopes: Sequence[ProofScope]
) -> None:
    connection.execute(
        "create table metric_scopes (scope_id bigint, metric_name varchar, customer_id varchar,"
        " window_start timestamp, window_end timestamp, group_keys varchar[])"
    )
    for number, scope in enumerate(scopes):
        values = [number, name, scope.customer_id, scope.start, scope.end, list(scope.group_keys)]
        connection.execute("insert into metric_scopes values (?, ?, ?, ?, ?, ?)", values)


def _row(groups: Mapping[str, str | None], value: Any) -> Row:
    with localcontext(prec=60):
        rounded = None if value is None else Decimal(value).quantize(_PLACES, ROUND_HALF_UP)
    return tuple(sorted(groups.items())), rounded


def rows_alone(
    text: str, properties: Sequence[str], events: Sequence[ProofEvent], scope: ProofScope
) -> Counter[Row]:
    """The rows of a SQL metric's own text on one scope's events.

    Args:
        text: The metric's file.
        properties: The properties that it reads.
        events: All events.
        scope: The scope.
    """
    query = _author_query(text, scope)
    with duckdb.connect(":memory:") as connection:
        connection.execute("set threads = 1")
        _create_events(connection, properties, [event for event in events if scope.holds(event)])
        cursor = connection.execute(query)
        names = [column[0] for column in cursor.description or ()]
        rows = cursor.fetchall()
    found: Counter[Row] = Counter()
    for row in rows:
        columns = dict(zip(names, row, strict=True))
        value_name = next(name for name in names if name.lower() == "value")
        value = columns.pop(value_name)
        found[_row(columns, value)] += 1
    return found


def _create_events(
    connection: duckdb.DuckDBPyConnection, properties: Sequence[str], events: Sequence[ProofEvent]
) -> None:
    """The table `events`; the numbers beside the texts were parsed in Python."""
    keys = list(properties) or ["nothing"]
    texts = ", ".join(f"{_field(key)} varchar" for key in keys)
    numbers = ", ".join(f"{_field(key)} decimal(38, 12)" for key in keys)
    connection.execute(
        "create table events (transaction_id varchar, customer_id varchar, event_type varchar,"
        f' "timestamp" timestamp, properties struct({texts}), numbers struct({numbers}))'
    )
    for event in events:
        given = [event.properties.get(key) for key in keys]
        text_values = ", ".join(_literal(value) for value in given)
        number_values = ", ".join(
            "null" if number_of(value) is None else f"{number_of(value):f}" for value in given
        )
        connection.execute(
            "insert into events values (?, ?, ?, ?, row("
            + text_values
            + "), row("
            + number_values
            + "))",
            [event.transaction_id, event.customer_id, event.event_type, event.timestamp],
        )


def _literal(value: str | None) -> str:
    return "null" if value is None else quote_text(value)


def _field(key: str) -> str:
    # A struct's fields ignore case; keys do not.
    return quote_name(key if key == key.lower() else f"{key}_{key.encode().hex()}")


def _author_query(text: str, scope: ProofScope) -> str:
    """The author's text, with what only Bursar gives a meaning to spelled out; never lifted."""
    tree = sqlglot.parse_one(text, dialect="duckdb")

    def spell_out(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Cast) and _is_property(node.this) and _is_number_type(node.to):
            return exp.TryCast(this=_struct_field(node.this, "numbers"), to=node.to)
        if type(node) is exp.Cast and _is_number_type(node.to):
            return exp.TryCast(this=node.this, to=node.to)
        if _is_property(node):
            return _struct_field(node, "properties")
        if isinstance(node, exp.Div):
            return _parsed(exact.divide("a_", "b_"), a_=node.this, b_=node.expression)
        if isinstance(node, exp.Avg):
            total, count = exp.Sum(this=node.this), exp.Count(this=node.this.copy())
            return _parsed(exact.divide("a_", "b_"), a_=total, b_=count)
        if isinstance(node, exp.Anonymous):
            return _own_function(node, scope)
        if isinstance(node, exp.Select) and any(p.sql() == "properties" for p in node.expressions):
            return node.select("numbers")
        return node

    return _from_the_leaves(tree, spell_out).sql("duckdb")


def _from_the_leaves(node: exp.Expr, change: Callable[[exp.Expr], exp.Expr]) -> exp.Expr:
    """Applies a change to every node, parts before wholes; a property access is one node."""
    if not (isinstance(node, exp.Cast) and _is_property(node.this)) and not _is_property(node):
        for key, value in list(node.args.items()):
            if isinstance(value, exp.Expr):
                node.set(key, _from_the_leaves(value, change))
            elif isinstance(value, list):
                done = [
                    _from_the_leaves(v, change) if isinstance(v, exp.Expr) else v for v in value
                ]
                node.set(key, done)
    return change(node)


def _is_property(node: exp.Expr) -> TypeGuard[exp.Column]:
    if not isinstance(node, exp.Column) or isinstance(node.this, exp.Star):
        return False
    return len(node.parts) > 1 and node.parts[-2].name.lower() == "properties"


def _struct_field(node: exp.Column, struct: str) -> exp.Expr:
    lead = "".join(f"{part.sql('duckdb')}." for part in node.parts[:-2])
    return sqlglot.parse_one(f"{lead}{struct}.{_field(node.name)}", dialect="duckdb")


def _is_number_type(to: exp.DataType) -> bool:
    return to.is_type(*exp.DataType.NUMERIC_TYPES)


def _parsed(sql: str, **parts: exp.Expr) -> exp.Expr:
    # An aggregate may not stand in try(), and the proof's numbers do not overflow.
    tree = sqlglot.parse_one(sql.removeprefix("try(").removesuffix(")"), dialect="duckdb")

    def replace(node: exp.Expr) -> exp.Expr:
        is_part = isinstance(node, exp.Column) and not node.table and node.name in parts
        return parts[node.name].copy() if is_part else node

    return tree.transform(replace)


def _own_function(node: exp.Anonymous, scope: ProofScope) -> exp.Expr:
    name = str(node.this).lower()
    if name in ("latest", "earliest"):
        extreme = exp.ArgMax if name == "latest" else exp.ArgMin
        order = sqlglot.parse_one('row("timestamp", transaction_id)', dialect="duckdb")
        return extreme(this=node.expressions[0], expression=order)
    if name in ("window_start", "window_end"):
        bound = scope.start if name == "window_start" else scope.end
        return exp.cast(exp.Literal.string(bound.isoformat(sep=" ")), "timestamp")
    return node


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
        return Decimal(len(events)).quantize(_PLACES)
    texts = [(event, event.properties.get(metric.property or "")) for event in events]
    if metric.aggregation is Aggregation.UNIQUE:
        return Decimal(len({text for _, text in texts if text is not None})).quantize(_PLACES)
    numbers = [
        (event.timestamp, event.transaction_id, number)
        for event, text in texts
        if (number := number_of(text)) is not None
    ]
    if not numbers:
        return None
    if metric.aggregation is Aggregation.SUM:
        with localcontext(prec=60):
            return sum((number for _, _, number in numbers), Decimal(0)).quantize(_PLACES)
    if metric.aggregation is Aggregation.MAX:
        return max(number for _, _, number in numbers)
    return max(numbers)[2]
