"""Both ways to evaluate a metric, side by side and quick: over all scopes at once, and alone.

Owns one database a seed of data: the events of every scope as a schema of its own, in which the
author's text runs, and all events and scopes for the compiled model. What only Bursar gives a
meaning to is spelled out by ``bursar.warehouse.author_query``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import duckdb

from bursar.metrics.columns import number_column, quote_text
from bursar.metrics.compiler import compile_one
from bursar.metrics.definition import CompiledMetric
from bursar.metrics.kinds import Describe
from bursar.metrics.observed import Observed
from bursar.metrics.problems import Problems, Source
from bursar.metrics.rendering import render
from bursar.properties import property_column
from bursar.warehouse.author_query import TEXT_NUMBER_MACROS, author_query, field_name
from bursar.warehouse.proof_rows import ProofEvent, ProofScope, Row, as_row, number_of
from tests.compiler.events import some_events, some_scopes

PROPERTIES = ("n", "m", "model", "region", "Odd Key", "select", "tags")


class Refused(Exception):  # noqa: N818 - what the compiler says, for the test to show
    """The compiler does not accept the metric."""


def compiled(text: str, describe: Describe) -> CompiledMetric:
    """A metric's model.

    Raises:
        Refused: With the problems.
    """
    problems = Problems(source := Source("m", "metrics/m.sql", text))
    metric = compile_one(source, Observed({}), describe, problems)
    if metric is None or problems.has_errors:
        raise Refused("\n".join(problem.render() for problem in problems))
    return metric


@dataclass(frozen=True)
class World:
    """One seed's events and scopes, in a database.

    Args:
        connection: Holds `metric_events`, `metric_scopes`, and a schema `s0`, `s1`, … a scope.
        scopes: By their ids.
    """

    connection: duckdb.DuckDBPyConnection
    scopes: tuple[ProofScope, ...]

    @classmethod
    def of(cls, seed: int, count: int = 60, scopes_max: int | None = None) -> Self:
        """The world of a seed.

        Args:
            seed: Of the events.
            count: How many events.
            scopes_max: How many scopes; those with a whole window and without events are kept.
        """
        events, every = some_events(seed, count), some_scopes()
        scopes = tuple(every if scopes_max is None else every[:: -(-len(every) // scopes_max)])
        connection = duckdb.connect(":memory:", config={"threads": 1})
        for macro in TEXT_NUMBER_MACROS:
            connection.execute(macro)
        _create_events(connection, events)
        for number, scope in enumerate(scopes):
            connection.execute(f"create schema s{number}")
            for name, bound in (("window_start", scope.start), ("window_end", scope.end)):
                connection.execute(f"create macro s{number}.{name}() as timestamp '{bound}'")
            connection.execute(
                f"create table s{number}.events as select transaction_id, customer_id, event_type,"
                ' "timestamp", properties, numbers from all_events where customer_id = ?'
                ' and "timestamp" >= ? and "timestamp" < ?',
                [scope.customer_id, scope.start, scope.end],
            )
        _create_model_inputs(connection, scopes)
        return cls(connection, scopes)

    def close(self) -> None:
        """Closes the database."""
        self.connection.close()

    def together(self, metric: CompiledMetric) -> list[Counter[Row]]:
        """The compiled model's rows, one counter a scope."""
        given = {"metric_scopes": "main.metric_scopes", "metric_events": "main.metric_events"}
        query = render(metric.body, given)
        found: list[Counter[Row]] = [Counter() for _ in self.scopes]
        self.connection.execute("use memory.main")
        rows = self.connection.execute(
            f"select scope_id, map_entries(group_values), value from ({query})"
        ).fetchall()
        for scope_id, entries, value in rows:
            groups = {entry["key"]: entry["value"] for entry in entries or []}
            found[scope_id][as_row(groups, value)] += 1
        return found

    def alone(self, text: str, number: int) -> Counter[Row]:
        """The rows of the author's text on one scope's events.

        The text means what the engine computes when it transforms nothing: DuckDB 2.0.0 loses
        a row's values above a SEMI JOIN, for one.
        """
        self.connection.execute(f"use memory.s{number}")
        self.connection.execute("pragma disable_optimizer")
        try:
            cursor = self.connection.execute(_author_query(text))
            names = [column[0] for column in cursor.description or ()]
            rows = cursor.fetchall()
        finally:
            self.connection.execute("pragma enable_optimizer")
        found: Counter[Row] = Counter()
        for row in rows:
            columns = dict(zip(names, row, strict=True))
            value = columns.pop(next(name for name in names if name.lower() == "value"))
            found[as_row(columns, value)] += 1
        return found

    def differing_scopes(self, text: str, metric: CompiledMetric) -> list[int]:
        """The scopes on which the two ways differ."""
        found = self.together(metric)
        return [n for n in range(len(self.scopes)) if self.alone(text, n) != found[n]]


def _create_events(connection: duckdb.DuckDBPyConnection, events: list[ProofEvent]) -> None:
    texts = ", ".join(f"{field_name(key)} varchar" for key in PROPERTIES)
    numbers = ", ".join(f"{field_name(key)} decimal(38, 12)" for key in PROPERTIES)
    connection.execute(
        "create table all_events (transaction_id varchar, customer_id varchar, event_type varchar,"
        f' "timestamp" timestamp, properties struct({texts}), numbers struct({numbers}))'
    )
    rows = []
    for event in events:
        given = [event.properties.get(key) for key in PROPERTIES]
        as_text = ", ".join("null" if text is None else quote_text(text) for text in given)
        parsed = [number_of(text) for text in given]
        as_number = ", ".join("null" if number is None else f"{number:f}" for number in parsed)
        core = (event.transaction_id, event.customer_id, event.event_type)
        listed = ", ".join(quote_text(text) for text in core)
        rows.append(f"({listed}, timestamp '{event.timestamp}', row({as_text}), row({as_number}))")
    connection.execute("insert into all_events values " + ", ".join(rows))


def _create_model_inputs(
    connection: duckdb.DuckDBPyConnection, scopes: tuple[ProofScope, ...]
) -> None:
    columns = ", ".join(
        f"properties.{field_name(key)} as {property_column(key)},"
        f" numbers.{field_name(key)} as {number_column(key)}"
        for key in PROPERTIES
    )
    connection.execute(
        "create table metric_events as select transaction_id, customer_id, event_type,"
        f' "timestamp", "timestamp" as received_at, {columns} from all_events'
    )
    connection.execute(
        "create table metric_scopes (scope_id bigint, metric_name varchar, customer_id varchar,"
        " window_start timestamp, window_end timestamp, group_keys varchar[])"
    )
    for number, scope in enumerate(scopes):
        values = [number, "m", scope.customer_id, scope.start, scope.end, []]
        connection.execute("insert into metric_scopes values (?, ?, ?, ?, ?, ?)", values)


@lru_cache(maxsize=64)
def _author_query(text: str) -> str:
    return author_query(text)
