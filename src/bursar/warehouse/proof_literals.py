"""What a metric's own text says about the data that would bring out a mistake.

Owns the reading of its literals: texts by the property that they are compared with, numbers,
instants, spans of time, event types, customers. It leaves making events of them to
``bursar.warehouse.proof_data``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

import sqlglot
from sqlglot import exp

from bursar.metrics.declared import DeclaredMetric

# The key of texts that are compared with no property in particular.
ANY = ""
_LITERALS_MAX = 40
_MICROSECONDS = {
    "MICROSECOND": 1, "MILLISECOND": 1_000, "SECOND": 1_000_000, "MINUTE": 60_000_000,
    "HOUR": 3_600_000_000, "DAY": 86_400_000_000, "WEEK": 604_800_000_000,
    "MONTH": 2_592_000_000_000, "YEAR": 31_536_000_000_000,
}  # fmt: skip
_SPAN_DAYS_MAX = 400
_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.In, exp.Like, exp.ILike)


@dataclass(frozen=True)
class Literals:
    """A metric's literals; each tuple without repeats, in order of appearance.

    Args:
        texts: By property; under `ANY` those that are compared with none.
        numbers: Numbers outside texts and intervals.
        event_types: What `event_type` is compared with.
        customers: What `customer_id` is compared with.
        instants: UTC without a zone.
        spans: Intervals, longer than nothing.
    """

    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    numbers: tuple[Decimal, ...] = ()
    event_types: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()
    instants: tuple[datetime, ...] = ()
    spans: tuple[timedelta, ...] = ()


def literals_of_declared(metric: DeclaredMetric) -> Literals:
    """The literals of a declared metric."""
    texts = {f.property: f.values for f in metric.filters if f.values}
    return Literals(texts=texts, event_types=metric.event_types or ())


def literals_of_sql(text: str) -> Literals:
    """The literals of a SQL metric that the compiler has accepted."""
    tree = sqlglot.parse_one(text, dialect="duckdb")
    texts: dict[str, dict[str, None]] = defaultdict(dict)
    numbers: dict[Decimal, None] = {}
    instants: dict[datetime, None] = {}
    for literal in list(tree.find_all(exp.Literal))[: 10 * _LITERALS_MAX]:
        if not literal.is_string:
            numbers.update(dict.fromkeys(_number(literal)))
            continue
        instants.update(dict.fromkeys(_instant(literal.name)))
        for written in _matching(literal):
            texts[_compared_with(literal)][written] = None
    by_key = {key: tuple(found)[:_LITERALS_MAX] for key, found in texts.items()}
    return Literals(
        texts={key: found for key, found in by_key.items() if key not in _OWN_COLUMNS},
        numbers=tuple(numbers)[:_LITERALS_MAX],
        event_types=by_key.get("event_type.", ()),
        customers=by_key.get("customer_id.", ()),
        instants=tuple(instants)[:_LITERALS_MAX],
        spans=tuple(dict.fromkeys(_spans(tree)))[:_LITERALS_MAX],
    )


# No property's key ends so without being quoted; a mistake here costs a literal, not a proof.
_OWN_COLUMNS = frozenset({"event_type.", "customer_id.", "transaction_id.", "timestamp."})


def _compared_with(literal: exp.Expr) -> str:
    """The property, or the column with a dot, that a text is compared with."""
    above = literal.parent
    while above is not None and not isinstance(above, (*_COMPARISONS, exp.Case, exp.Select)):
        above = above.parent
    if not isinstance(above, (*_COMPARISONS, exp.Case)):
        return ANY
    for column in above.this.find_all(exp.Column) if above.this is not None else ():
        parts = [str(part.name) for part in column.parts]
        if len(parts) > 1 and parts[-2].lower() == "properties":
            return parts[-1]
        if f"{parts[-1].lower()}." in _OWN_COLUMNS:
            return f"{parts[-1].lower()}."
    return ANY


def _matching(literal: exp.Expr) -> Iterator[str]:
    """The text itself; of a pattern, two that match it."""
    if isinstance(literal.parent, exp.Like | exp.ILike):
        yield literal.name.replace("%", "").replace("_", "x")
        yield literal.name.replace("%", "xy").replace("_", "x")
    yield literal.name


def _number(literal: exp.Expr) -> Iterator[Decimal]:
    if literal.find_ancestor(exp.DataType, exp.Interval, exp.Limit, exp.Offset) is not None:
        return
    try:
        found = Decimal(literal.name)
    except InvalidOperation:
        return
    if isinstance(literal.parent, exp.Neg):
        yield -found
    if abs(found) < 10**20:
        yield found


def _instant(text: str) -> Iterator[datetime]:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return
    if 1900 < found.year < 2200:
        yield found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found


def _spans(tree: exp.Expr) -> Iterator[timedelta]:
    for interval in tree.find_all(exp.Interval):
        amount, unit = interval.this, interval.text("unit").upper().rstrip("S")
        if not isinstance(amount, exp.Literal) or unit not in _MICROSECONDS:
            continue
        try:
            span = int(Decimal(amount.name) * _MICROSECONDS[unit])
        except (InvalidOperation, ValueError, OverflowError):
            continue
        if 0 < span <= _SPAN_DAYS_MAX * _MICROSECONDS["DAY"]:
            yield timedelta(microseconds=span)
