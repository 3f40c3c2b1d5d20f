"""Of which events a metric reads which numbers: what `metric_number_failures` asks.

Owns the conditions under which a text that is no number matters. They are those that do not depend
on a number, another event or a query: what a WHERE, a FILTER or a CASE leaves out is not read.
"""

from __future__ import annotations

from sqlglot import exp

from bursar.metrics.columns import number_column
from bursar.metrics.definition import NumberReading
from bursar.metrics.functions import WINDOW_END, WINDOW_START
from bursar.metrics.layout import sql_text
from bursar.metrics.passing import property_sources
from bursar.metrics.relations import Relation, ResolvedQuery, conjuncts


def number_readings(query: ResolvedQuery) -> tuple[NumberReading, ...]:
    """Of which events each number is read.

    Args:
        query: Elaborated, not layered.
    """
    found: dict[str, list[str]] = {}
    for column in query.body.find_all(exp.Column):
        leaf = query.relations.get(column.table)
        key = leaf.properties.get(column.name) if leaf is not None and leaf.is_events else None
        if leaf is None or key is None or column.name != number_column(key):
            continue
        conditions = [*leaf.row_filter, *_guards(column)]
        found.setdefault(key, []).append(_condition(conditions, leaf, column.name))
    for leaf, key in _texts_read_as_numbers(query):
        found.setdefault(key, []).append(_condition(leaf.row_filter, leaf, number_column(key)))
    return tuple(
        NumberReading(key, "" if "" in conditions else " or ".join(dict.fromkeys(conditions)))
        for key, conditions in sorted(found.items())
    )


def _texts_read_as_numbers(query: ResolvedQuery) -> list[tuple[Relation, str]]:
    """The properties whose text is parsed far from the events, behind a set operation, say."""
    found: list[tuple[Relation, str]] = []
    for node in query.body.walk():
        for column in node.meta.get("parsed_columns", ()):
            found += property_sources(query, column)
    return found


def _guards(column: exp.Column) -> list[exp.Expr]:
    """What must hold for the column's expression to be evaluated: FILTER, and CASE's first WHEN."""
    found: list[exp.Expr] = []
    child: exp.Expr = column
    parent = column.parent
    while parent is not None and not isinstance(parent, exp.Select):
        if isinstance(parent, exp.Filter) and parent.this is child:
            found += conjuncts(parent.expression.this)
        if isinstance(parent, exp.If) and child.arg_key == "true":
            case = parent.parent
            is_first = isinstance(case, exp.Case) and case.args["ifs"][0] is parent
            if is_first and case is not None and case.this is None:
                found += conjuncts(parent.this)
        child, parent = parent, parent.parent
    return found


def _condition(conditions: list[exp.Expr], leaf: Relation, number: str) -> str:
    kept = []
    for condition in conditions:
        parts = list(condition.walk())
        columns = [p for p in parts if isinstance(p, exp.Column)]
        numbers = {number_column(key) for key in leaf.properties.values()} | {number}
        is_own = all(c.table == leaf.alias for c in columns if c.meta.get("is_resolved"))
        reads_number = any(c.name in numbers for c in columns)
        reads_more = any(
            isinstance(p, exp.Query | exp.Window)
            or (isinstance(p, exp.Anonymous) and p.this in (WINDOW_START, WINDOW_END))
            for p in parts
        )
        if is_own and columns and not reads_number and not reads_more:
            kept.append(_on_metric_events(condition))
    return f"({' and '.join(dict.fromkeys(kept))})" if kept else ""


def _on_metric_events(condition: exp.Expr) -> str:
    copy = condition.copy()
    for column in copy.find_all(exp.Column):
        column.set("table", exp.to_identifier("metric_events"))
    text = " ".join(sql_text(copy).split("\n"))
    return f"({text})" if isinstance(copy, exp.Or) else text
