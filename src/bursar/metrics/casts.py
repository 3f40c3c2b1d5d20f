"""Casts: text to number, number to number, text to time.

Owns which types a metric may cast to, and that no cast fails at run time.
"""

from __future__ import annotations

import re
from datetime import datetime

from sqlglot import exp

from bursar.metrics import exact
from bursar.metrics.fitting import fitted
from bursar.metrics.kinds import (
    DATE,
    NOTHING,
    NUMBER,
    TEXT,
    TIMESTAMP,
    UNKNOWN,
    Kind,
    kind_of,
    with_kind,
)
from bursar.metrics.parsing import DIALECT
from bursar.metrics.passing import carried_names, number_column_of
from bursar.metrics.refusals import CAST_TYPES
from bursar.metrics.relations import column_of, projections
from bursar.metrics.work import Work, snippet

# What Python and the engine read alike.
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?)?")


def cast(work: Work, node: exp.Expr) -> exp.Expr:
    """A cast that gives null where it would fail."""
    target = _target(node)
    inner = work.settled(node.this)
    kind = kind_of(inner)
    if not kind.known:
        return work.unknown(node)
    if kind.name == NOTHING or target.name == kind.name:
        cast = exp.Cast(this=inner, to=exp.DataType.build(target.name, DIALECT))
        return with_kind(
            cast if kind.name == NOTHING else inner, target if kind.name == NOTHING else kind
        )
    if kind.is_text:
        return _cast_text(work, node, inner, target)
    if target.is_numeric and kind.is_numeric:
        return fitted(inner, target)
    cast = exp.TryCast(this=inner, to=exp.DataType.build(target.name, DIALECT))
    done = work.ask(with_kind(cast, Kind(UNKNOWN)))
    return with_kind(done, Kind(kind_of(done).name, target.capacity))


def _target(node: exp.Expr) -> Kind:
    """The type of a cast that the allow-list let pass."""
    to = node.args["to"]
    if to.expressions:
        precision, scale = (param.name for param in to.expressions)
        return Kind(f"DECIMAL({precision},{scale})")
    return Kind(CAST_TYPES[to.this.name])


def _cast_text(work: Work, node: exp.Expr, inner: exp.Expr, target: Kind) -> exp.Expr:
    if isinstance(inner, exp.Literal):
        return _cast_literal(work, inner, target.name, node)
    if not target.is_numeric:
        message = f"Text cannot be cast to {target.name} yet: compare it as text."
        work.add("M501", message, node)
        return work.unknown(node)
    found = number_column_of(work.query, inner) if isinstance(inner, exp.Column) else None
    if found is None:
        template = f"list_transform([t_], lambda t: {exact.text_to_number('t')})[1]"
        number = with_kind(snippet(template, t_=inner), NUMBER)
        columns = [inner] if isinstance(inner, exp.Column) else []
        number.meta["parsed_columns"] = [column.copy() for column in columns]
    else:
        number = with_kind(column_of(found[1], found[0]), NUMBER)
        _type_carried(work)
    return fitted(number, target)


def _type_carried(work: Work) -> None:
    """Types the columns that SELECTs below were just made to pass on."""
    for relation in work.query.relations.values():
        body = relation.body
        carried = carried_names(body) if body is not None else frozenset()
        for projection in projections(body) if body is not None else ():
            name = projection.alias_or_name
            if name in carried and "kind" not in projection.meta:
                with_kind(projection.this, NUMBER if name.startswith("n_") else Kind(TEXT))
                with_kind(projection, kind_of(projection.this))


def time_literal(work: Work, node: exp.Expr) -> exp.Expr:
    """A text literal beside a time, as the time that it means."""
    if not isinstance(node, exp.Literal) or not node.is_string:
        return node
    return _cast_literal(work, node, TIMESTAMP, node)


def _cast_literal(work: Work, literal: exp.Literal, target: str, node: exp.Expr) -> exp.Expr:
    """A text literal as what it means, decided now."""
    kind = Kind(target)
    to = exp.DataType.build(target, DIALECT)
    if target in (TIMESTAMP, DATE):
        if not _is_time(literal.name):
            message = (
                f"{literal.name!r} is not a time: write 2026-01-31 or 2026-01-31 12:00:00, in UTC."
            )
            work.add("M404", message, node)
            return work.unknown(node)
        return with_kind(exp.Cast(this=literal, to=to), kind)
    if kind.is_numeric:
        work.add("M404", "Write the number itself, without quotes.", node)
        return work.unknown(node)
    return work.ask(exp.TryCast(this=literal, to=to))


def _is_time(text: str) -> bool:
    if not _TIME.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
