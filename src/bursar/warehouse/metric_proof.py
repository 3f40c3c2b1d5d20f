"""Both ways of a compiled metric: over all scopes at once, and alone on each.

Owns running them in an engine of their own and giving rows that can be compared. The slow way
shares as little as possible with the compiler: for a SQL metric the author's own text runs on a
table `events` that holds one scope (``bursar.warehouse.author_query``); a declared metric is
computed in Python (``bursar.warehouse.declared_alone``). It leaves the choice of events and scopes
to the caller.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import duckdb

from bursar.metrics.columns import quote_text
from bursar.metrics.definition import CompiledMetric
from bursar.metrics.models import events_model
from bursar.metrics.rendering import render
from bursar.properties import property_column
from bursar.warehouse.author_query import (
    NUMBERS,
    TEXT_NUMBER_MACROS,
    TEXTS,
    author_query,
    field_name,
)
from bursar.warehouse.proof_rows import ProofEvent, ProofScope, Row, as_row, number_of

MEMORY_LIMIT = "500MB"


@contextmanager
def _engine(*, is_optimized: bool = True) -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine of its own; what a text means is what the engine gives when it transforms nothing.

    DuckDB 2.0.0 gives another row's values above a SEMI JOIN, for one, and not so unoptimized.
    """
    with duckdb.connect(
        ":memory:", config={"threads": 1, "memory_limit": MEMORY_LIMIT, "temp_directory": ""}
    ) as connection:
        for setting in (
            *([] if is_optimized else ["pragma disable_optimizer"]),
            "set enable_external_access = false",
            "set python_enable_replacements = false",
            "set lock_configuration = true",
        ):
            connection.execute(setting)
        yield connection


def compiled_rows(
    metric: CompiledMetric, events: Sequence[ProofEvent], scopes: Sequence[ProofScope]
) -> list[Counter[Row]]:
    """The compiled model's rows, one counter a scope."""
    with _engine() as connection:
        _create_landed(connection, metric.definition.properties, events)
        model = render(events_model([metric]), {}, "select * from landed_events")
        connection.execute(f"create table metric_events as {model}")
        _create_scopes(connection, metric.definition.name, scopes)
        query = render(
            metric.body, {"metric_scopes": "metric_scopes", "metric_events": "metric_events"}
        )
        rows = connection.execute(
            f"select scope_id, map_entries(group_values), value from ({query})"
        ).fetchall()
    found: list[Counter[Row]] = [Counter() for _ in scopes]
    for scope_id, entries, value in rows:
        groups = {entry["key"]: entry["value"] for entry in entries or []}
        found[scope_id][as_row(groups, value)] += 1
    return found


def settled_rows(
    metric: CompiledMetric, events: Sequence[ProofEvent], scope: ProofScope
) -> Counter[Row]:
    """The rows of a metric's `alone` on one scope: its query with types and ties settled."""
    with _engine(is_optimized=False) as connection:
        inside = [event for event in events if scope.holds(event)]
        _create_landed(connection, metric.definition.properties, inside)
        model = render(events_model([metric]), {}, "select * from landed_events")
        connection.execute(f"create table scope_events as {model}")
        _create_window(connection, scope)
        cursor = connection.execute(metric.alone)
        names = [column[0] for column in cursor.description or ()]
        return Counter(_author_row(names, row) for row in cursor.fetchall())


def _create_landed(
    connection: duckdb.DuckDBPyConnection, properties: Sequence[str], events: Sequence[ProofEvent]
) -> None:
    columns = "".join(f", {property_column(key)} varchar" for key in properties)
    connection.execute(
        "create table landed_events (transaction_id varchar, customer_id varchar, event_type "
        f'varchar, "timestamp" timestamp, received_at timestamp{columns})'
    )
    _insert(
        connection,
        "landed_events",
        [
            [
                *_event_literals(event),
                f"timestamp '{event.timestamp}'",
                *(_literal(event.properties.get(key)) for key in properties),
            ]
            for event in events
        ],
    )


def _create_scopes(
    connection: duckdb.DuckDBPyConnection, name: str, scopes: Sequence[ProofScope]
) -> None:
    connection.execute(
        "create table metric_scopes (scope_id bigint, metric_name varchar, customer_id varchar,"
        " window_start timestamp, window_end timestamp, group_keys varchar[])"
    )
    _insert(
        connection,
        "metric_scopes",
        [
            [
                str(number),
                quote_text(name),
                quote_text(scope.customer_id),
                f"timestamp '{scope.start}'",
                f"timestamp '{scope.end}'",
                f"[{', '.join(map(quote_text, scope.group_keys))}]::varchar[]",
            ]
            for number, scope in enumerate(scopes)
        ],
    )


def _insert(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[str]]
) -> None:
    # One statement: a statement a row takes longer than the proof's queries.
    if rows:
        listed = ", ".join(f"({', '.join(row)})" for row in rows)
        connection.execute(f"insert into {table} values {listed}")


def _event_literals(event: ProofEvent) -> list[str]:
    texts = (event.transaction_id, event.customer_id, event.event_type)
    return [*map(quote_text, texts), f"timestamp '{event.timestamp}'"]


def _literal(value: str | None) -> str:
    return "null" if value is None else quote_text(value)


def rows_alone(
    text: str, properties: Sequence[str], events: Sequence[ProofEvent], scope: ProofScope
) -> Counter[Row]:
    """The rows of a SQL metric's own text on one scope's events.

    Args:
        text: The metric's file.
        properties: The properties that it reads.
        events: All events.
        scope: The scope.

    Raises:
        duckdb.Error: The engine cannot run the text on this scope, where the compiled metric would
            give null, such as for a sum that overflows.
    """
    with each_alone(text, properties, events) as rows_of:
        return rows_of(scope)


@contextmanager
def each_alone(
    text: str, properties: Sequence[str], events: Sequence[ProofEvent]
) -> Iterator[Callable[[ProofScope], Counter[Row]]]:
    """What gives `rows_alone` for one scope after the other, with one engine for all."""
    query = author_query(text)
    with _engine(is_optimized=False) as connection:
        for macro in TEXT_NUMBER_MACROS:
            connection.execute(macro)
        _create_events(connection, properties, events)

        def rows_of(scope: ProofScope) -> Counter[Row]:
            _enter(connection, scope)
            cursor = connection.execute(query)
            names = [column[0] for column in cursor.description or ()]
            return Counter(_author_row(names, row) for row in cursor.fetchall())

        yield rows_of


def _author_row(names: Sequence[str], row: Sequence[object]) -> Row:
    columns = dict(zip(names, row, strict=True))
    value = columns.pop(next(name for name in names if name.lower() == "value"))
    for struct in (TEXTS, NUMBERS):
        # A star brings the structs along; they are no group keys.
        columns.pop(struct, None)
    return as_row({key: None if v is None else str(v) for key, v in columns.items()}, value)


def _create_events(
    connection: duckdb.DuckDBPyConnection, properties: Sequence[str], events: Sequence[ProofEvent]
) -> None:
    """The table `all_events`; the numbers beside the texts were parsed in Python."""
    keys = list(properties) or ["nothing"]
    texts = ", ".join(f"{field_name(key)} varchar" for key in keys)
    numbers = ", ".join(f"{field_name(key)} decimal(38, 12)" for key in keys)
    connection.execute(
        "create table all_events (transaction_id varchar, customer_id varchar, event_type varchar,"
        f' "timestamp" timestamp, {TEXTS} struct({texts}), {NUMBERS} struct({numbers}))'
    )
    rows = []
    for event in events:
        given = [event.properties.get(key) for key in keys]
        parsed = [number_of(value) for value in given]
        numbers_given = ", ".join("null" if n is None else f"{n:f}" for n in parsed)
        texts_given = ", ".join(map(_literal, given))
        rows.append([*_event_literals(event), f"row({texts_given})", f"row({numbers_given})"])
    _insert(connection, "all_events", rows)


def _enter(connection: duckdb.DuckDBPyConnection, scope: ProofScope) -> None:
    """Makes `events` the scope's events, and the window its window."""
    start, end = f"timestamp '{scope.start}'", f"timestamp '{scope.end}'"
    connection.execute(
        "create or replace table events as select * from all_events where customer_id = "
        f'{quote_text(scope.customer_id)} and "timestamp" >= {start} and "timestamp" < {end}'
    )
    _create_window(connection, scope)


def _create_window(connection: duckdb.DuckDBPyConnection, scope: ProofScope) -> None:
    for name, bound in (("window_start", scope.start), ("window_end", scope.end)):
        connection.execute(f"create or replace macro {name}() as timestamp '{bound}'")
