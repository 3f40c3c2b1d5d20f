"""Aggregates: sums that cannot overflow, exact averages, the latest and the earliest.

Owns what becomes of an aggregate and its FILTER. Which of its parts are computed where is the
lift's.
"""

from __future__ import annotations

from sqlglot import exp

from bursar.errors import Severity
from bursar.metrics import exact
from bursar.metrics.arithmetic import divided
from bursar.metrics.fitting import cast_example, condition, narrow, numbers
from bursar.metrics.functions import EARLIEST, LATEST
from bursar.metrics.kinds import ROWS_MAX, Kind, kind_of, with_kind
from bursar.metrics.relations import column_of
from bursar.metrics.windows import percentile
from bursar.metrics.work import Work, snippet

PERCENTILES = (
    exp.PercentileDisc, exp.PercentileCont, exp.Quantile, exp.Median, exp.WithinGroup,
)  # fmt: skip


def aggregate(work: Work, node: exp.Expr) -> exp.Expr:
    """An aggregate over all rows of its group."""
    return _aggregated(work, node, None)


def filtered_aggregate(work: Work, node: exp.Expr) -> exp.Expr:
    """An aggregate with FILTER."""
    return _aggregated(work, node.this, condition(work, node.expression.this, "FILTER"))


def _aggregated(work: Work, node: exp.Expr, guard: exp.Expr | None) -> exp.Expr:
    if isinstance(node, PERCENTILES):
        return percentile(work, node, guard)
    if isinstance(node, exp.Anonymous):
        return _latest(work, node, guard)
    argument = node.this
    if isinstance(argument, exp.Distinct) and not isinstance(node, exp.Count):
        return _distinct(work, node, argument, guard)
    if isinstance(argument, exp.Star):
        return with_kind(_filtered(node, guard), Kind("BIGINT", ROWS_MAX))
    if isinstance(argument, exp.Distinct):
        argument.set("expressions", [work.settled(e) for e in argument.expressions])
        return with_kind(_filtered(node, guard), Kind("BIGINT", ROWS_MAX))
    value = work.settled(argument)
    node.set("this", value)
    kind = kind_of(value)
    if isinstance(node, exp.Count):
        return with_kind(_filtered(node, guard), Kind("BIGINT", ROWS_MAX))
    if isinstance(node, exp.Min | exp.Max):
        if kind.is_text:
            message = (
                "The extreme of text goes letter by letter, where '9' is above '10': cast it, "
                f"{cast_example(value, work.text)}."
            )
            work.add("M405", message, node)
            return work.unknown(node)
        return with_kind(_filtered(node, guard), Kind(kind.name, kind.bound))
    if not isinstance(node, exp.Sum | exp.Avg):
        return work.unknown(node)  # refused already
    what = "sum" if isinstance(node, exp.Sum) else "avg"
    if not numbers(work, [value], node, what):
        return work.unknown(node)
    return (
        _sum(work, value, guard)
        if isinstance(node, exp.Sum)
        else _average(work, value, node, guard)
    )


def _distinct(
    work: Work, node: exp.Expr, argument: exp.Distinct, guard: exp.Expr | None
) -> exp.Expr:
    """An aggregate of distinct values; an extreme is the same of all values."""
    if isinstance(node, exp.Min | exp.Max) and len(argument.expressions) == 1:
        node.set("this", argument.expressions[0])
        return _aggregated(work, node, guard)
    if not isinstance(node, exp.Sum | exp.Avg) or len(argument.expressions) != 1:
        message = "Of distinct values there are counts, sums, averages and extremes."
        work.add("M501", message, node)
        return work.unknown(node)
    value = work.settled(argument.expressions[0])
    what = "sum" if isinstance(node, exp.Sum) else "avg"
    if not numbers(work, [value], node, what) or not narrow(work, [value], node):
        return work.unknown(node)
    total = _sum_of_distinct(value, guard)
    if isinstance(node, exp.Sum):
        return total
    counted = exp.Count(this=exp.Distinct(expressions=[value.copy()]), big_int=True)
    part = _part(with_kind(_filtered(counted, guard), Kind("BIGINT", ROWS_MAX)), "count_")
    work.add("M403", "avg divides exactly at 12 places here.", node, severity=Severity.NOTE)
    return divided(total, part)


def _sum_of_distinct(value: exp.Expr, guard: exp.Expr | None) -> exp.Expr:
    """As `_sum`; the huge ones are listed, since two of them may have one whole part."""
    kind = kind_of(value)
    name = f"DECIMAL(38,{kind.scale})" if kind.is_decimal else "HUGEINT"
    total = Kind(name, kind.bound * ROWS_MAX)
    if total.bound < total.capacity:
        distinct = exp.Sum(this=exp.Distinct(expressions=[value]))
        return _part(with_kind(_filtered(distinct, guard), total), "sum_")
    parts = {}
    for sql, name_, type_ in (
        (exact.ORDINARY_DISTINCT, "ordinary_", name),
        (exact.HUGE_DISTINCT, "huge_", f"{kind.name}[]"),
    ):
        part = _filtered(snippet(sql, value_=value), guard)
        parts[name_] = _part(with_kind(part, Kind(type_)), name_)
    return with_kind(snippet(exact.SUM_OF_DISTINCT, **parts), Kind(name, total.capacity))


def _sum(work: Work, value: exp.Expr, guard: exp.Expr | None) -> exp.Expr:
    """A sum that cannot overflow: in parts, where the numbers could be too large for one."""
    kind = kind_of(value)
    name = f"DECIMAL(38,{kind.scale})" if kind.is_decimal else "HUGEINT"
    total = Kind(name, kind.bound * ROWS_MAX)
    if total.bound < total.capacity:
        return _part(with_kind(_filtered(exp.Sum(this=value), guard), total), "sum_")
    names = ("ordinary_", "huge_", "huge_fraction_")
    parts = [
        _part(with_kind(_filtered(snippet(sql, value_=value), guard), Kind(name)), name_)
        for sql, name_ in zip(exact.sum_parts("value_"), names, strict=True)
    ]
    done = snippet(exact.sum_of_parts(*names), **dict(zip(names, parts, strict=True)))
    return with_kind(done, Kind(name, total.capacity))


def _average(work: Work, value: exp.Expr, node: exp.Expr, guard: exp.Expr | None) -> exp.Expr:
    if not narrow(work, [value], node):
        return work.unknown(node)
    count = _filtered(exp.Count(this=value.copy(), big_int=True), guard)
    counted = _part(with_kind(count, Kind("BIGINT", ROWS_MAX)), "count_")
    work.add("M403", "avg divides exactly at 12 places here.", node, severity=Severity.NOTE)
    return divided(_sum(work, value, guard), counted)


def _latest(work: Work, node: exp.Anonymous, guard: exp.Expr | None) -> exp.Expr:
    """By time, then id, then the value itself, so that there is one latest and one earliest."""
    name = str(node.this).lower()
    tables = {c.table for c in node.expressions[0].find_all(exp.Column)}
    relations = [work.query.relations[table] for table in tables if table in work.query.relations]
    if len(relations) != 1:
        message = (
            f"{name} takes a value of one table, whose timestamp and transaction_id it orders by."
        )
        work.add("M303", message, node)
        return work.unknown(node)
    relation = relations[0]
    missing = [c for c in ("timestamp", "transaction_id") if c not in relation.columns]
    if missing:
        message = (
            f"{name} orders by timestamp and transaction_id: the table here lacks "
            f"{' and '.join(missing)}."
        )
        work.add("M303", message, node)
        return work.unknown(node)
    value = work.settled(node.expressions[0])
    order = [column_of(relation, relation.columns[c]) for c in ("timestamp", "transaction_id")]
    key = exp.Anonymous(this="row", expressions=[*order, value.copy()])
    call = {LATEST: exp.ArgMax, EARLIEST: exp.ArgMin}[name](this=value, expression=key)
    present = exp.Not(this=exp.Is(this=value.copy(), expression=exp.Null()))
    both = present if guard is None else exp.and_(present, guard)
    kind = kind_of(value)
    return with_kind(_filtered(call, both), Kind(kind.name, kind.bound))


def _filtered(aggregate: exp.Expr, guard: exp.Expr | None) -> exp.Expr:
    if guard is None:
        return aggregate
    return exp.Filter(this=aggregate, expression=exp.Where(this=guard.copy()))


def _part(node: exp.Expr, name: str) -> exp.Expr:
    """Says what an aggregate is a part of, for the name of its column."""
    node.meta["part"] = name.rstrip("_")
    return node
