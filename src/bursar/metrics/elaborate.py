"""The typing pass, with the exact and total rewrites that types decide.

Owns the order of the walk, and leaves and conditions. After it every expression has a kind, none
can fail at run time, and none is a float. Arithmetic, aggregates, casts and choices are modules of
their own.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from sqlglot import exp

from bursar.metrics.aggregates import aggregate, filtered_aggregate
from bursar.metrics.arithmetic import arithmetic, division, rounding, whole_division
from bursar.metrics.casts import cast
from bursar.metrics.choices import case, choice, comparison, one_sort
from bursar.metrics.fitting import condition, unified
from bursar.metrics.functions import WINDOW_END, WINDOW_START
from bursar.metrics.kinds import (
    BOOLEAN,
    INTERVAL,
    NOTHING,
    NUMBER,
    TEXT,
    TIMESTAMP,
    UNKNOWN,
    Describe,
    Kind,
    integer_kind,
    kind_of,
    with_kind,
)
from bursar.metrics.parsing import span_of
from bursar.metrics.problems import Problems
from bursar.metrics.queries import elaborate_query, exists, in_query, scalar
from bursar.metrics.relations import EVENT_COLUMNS, ResolvedQuery, is_aggregate, projections
from bursar.metrics.series import series
from bursar.metrics.windows import window
from bursar.metrics.work import Handler, Work

_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Abs)
_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ, exp.NullSafeNEQ)
_TEXT_FUNCTIONS = (
    exp.Lower, exp.Upper, exp.Trim, exp.Length, exp.Substring, exp.Left, exp.Right, exp.Replace,
    exp.SplitPart, exp.StartsWith, exp.EndsWith, exp.Contains, exp.StrPosition, exp.Concat,
    exp.DPipe, exp.Like, exp.ILike,
)  # fmt: skip


def elaborate(query: ResolvedQuery, text: str, describe: Describe, problems: Problems) -> None:
    """Types and rewrites every expression of a resolved query, in place.

    Args:
        query: Every projection has a kind afterwards.
        text: The file's text, for the places.
        describe: Asks the engine.
        problems: Where to add.
    """
    # Rewriting takes nodes away that say where their parents stand.
    for node in query.body.walk():
        node.meta["span"] = span_of(node, text)
    elaborate_query(Work(query, text, describe, problems, _HANDLERS), query.body)


def _column(work: Work, node: exp.Expr) -> exp.Expr:
    relation = work.query.relations.get(node.text("table"))
    if relation is None or not node.meta.get("is_resolved"):
        return work.unknown(node)
    if relation.is_events:
        name = EVENT_COLUMNS.get(node.name, TEXT)
        is_number = node.name in relation.properties and node.name.startswith("n_")
        return with_kind(node, NUMBER if is_number else Kind(name))
    if relation.body is None:
        return with_kind(node, relation.kinds.get(node.name, Kind(UNKNOWN)))
    for projection in projections(relation.body):
        if projection.alias_or_name == node.name:
            kind = kind_of(projection)
            return with_kind(node, Kind(kind.name, kind.bound))
    return work.unknown(node)


def _literal(work: Work, node: exp.Expr) -> exp.Expr:
    if node.is_string:
        return with_kind(node, Kind(TEXT, is_literal=True))
    written = node.name
    digits = sum(character.isdigit() for character in written)
    if "." not in written:
        return with_kind(node, integer_kind(int(written), is_literal=True))
    scale = len(written.partition(".")[2])
    return with_kind(
        node, Kind(f"DECIMAL({max(digits, scale)},{scale})", Decimal(written), is_literal=True)
    )


def _paren(work: Work, node: exp.Expr) -> exp.Expr:
    inner = work.visit(node.this)
    node.set("this", inner)
    node.meta["may_overflow"] = inner.meta.get("may_overflow")
    return with_kind(node, kind_of(inner))


def _logic(work: Work, node: exp.Expr) -> exp.Expr:
    for key in ("this", "expression"):
        part = node.args.get(key)
        if part is not None:
            node.set(key, condition(work, part, type(node).__name__.upper()))
    return with_kind(node, Kind(BOOLEAN))


def _is(work: Work, node: exp.Expr) -> exp.Expr:
    node.set("this", work.settled(node.this))
    return with_kind(node, Kind(BOOLEAN))


def _text_function(work: Work, node: exp.Expr) -> exp.Expr:
    values = work.each(node)
    texts = [v for v in values if not (kind_of(v).is_literal and kind_of(v).is_integer)]
    for value in texts:
        kind = kind_of(value)
        if kind.known and not kind.is_text and kind.name != NOTHING and not kind.is_integer:
            message = f"This takes text and is given {kind.name}: cast it, ::varchar."
            work.add("M205", message, value if span_of(value, work.text) else node)
            return work.unknown(node)
    if not all(kind_of(v).known for v in values):
        return work.unknown(node)
    done = work.ask(node, Decimal(2) ** 31)
    # Positions beyond four billion are errors to the engine.
    positions = [v for v in values if kind_of(v).is_integer]
    done.meta["may_overflow"] = any(kind_of(v).bound >= 2**31 for v in positions)
    return done


def _constant(work: Work, node: exp.Expr) -> exp.Expr:
    """NULL, true and false."""
    del work
    name = NOTHING if isinstance(node, exp.Null) else BOOLEAN
    return with_kind(node, Kind(name, is_literal=True))


def _interval(work: Work, node: exp.Expr) -> exp.Expr:
    """A length of time as written, such as interval '30 minutes'."""
    amount = node.this
    if not isinstance(amount, exp.Literal) or not amount.name.isdigit():
        work.add("M205", "A length of time is written interval '30 minutes'.", node)
        return work.unknown(node)
    return with_kind(node, Kind(INTERVAL, is_literal=True))


def _list_rows(work: Work, node: exp.Expr) -> exp.Expr:
    """UNNEST in SELECT: a row for each element of a list."""
    value = work.settled(node.this)
    node.set("this", value)
    name = kind_of(value).name
    if kind_of(value).known and not name.endswith("[]"):
        work.add("M205", f"UNNEST takes a list; this is {name}.", node)
        return work.unknown(node)
    return with_kind(node, Kind(name.removesuffix("[]"), kind_of(value).bound))


def _list(work: Work, node: exp.Expr) -> exp.Expr:
    """A list as written."""
    items = [work.settled(item) for item in node.expressions]
    if not one_sort(work, items, node):
        return work.unknown(node)
    node.set("expressions", unified(work, items, node))
    if not all(kind_of(item).known for item in items):
        return work.unknown(node)
    return work.ask(node, max((kind_of(item).bound for item in items), default=Decimal(0)))


def _window_bound(work: Work, node: exp.Expr) -> exp.Expr:
    """window_start() and window_end(), which the lift replaces."""
    del work
    return with_kind(exp.Anonymous(this=node.name.lower()), Kind(TIMESTAMP))


def _is_window_bound(node: exp.Expr) -> bool:
    return isinstance(node, exp.Anonymous) and node.name.lower() in (WINDOW_START, WINDOW_END)


def _kinds(*kinds: type[exp.Expr]) -> Callable[[exp.Expr], bool]:
    return lambda node: isinstance(node, kinds)


_HANDLERS: tuple[Handler, ...] = (
    (_kinds(exp.Column), _column),
    (_kinds(exp.Exists), exists),
    (lambda node: isinstance(node, exp.In) and node.args.get("query") is not None, in_query),
    (_kinds(exp.Query), scalar),
    (_kinds(exp.Window), window),
    (_kinds(exp.Interval), _interval),
    (_kinds(exp.Array), _list),
    (_kinds(exp.GenerateSeries), series),
    (_kinds(exp.Explode), _list_rows),
    (_kinds(exp.Literal), _literal),
    (_kinds(exp.Null, exp.Boolean), _constant),
    (_kinds(exp.Paren), _paren),
    (_kinds(exp.And, exp.Or, exp.Not), _logic),
    (_kinds(*_COMPARISONS, exp.In, exp.Between), comparison),
    (_kinds(exp.Is), _is),
    (_kinds(*_ARITHMETIC), arithmetic),
    (_kinds(exp.Div), division),
    (_kinds(exp.IntDiv, exp.Mod), whole_division),
    (_kinds(exp.Case), case),
    (_kinds(exp.Coalesce, exp.Nullif, exp.Greatest, exp.Least), choice),
    (_kinds(exp.Cast, exp.TryCast), cast),
    (_kinds(exp.Filter), filtered_aggregate),
    (_kinds(*_TEXT_FUNCTIONS), _text_function),
    (_kinds(exp.Round, exp.Floor, exp.Ceil, exp.Sign), rounding),
    (is_aggregate, aggregate),
    (_is_window_bound, _window_bound),
)
