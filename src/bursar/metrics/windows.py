"""Window functions and percentiles: exact over any frame, and null instead of an error.

Owns what becomes of a window and of what stands before its OVER. That each window is a scope's is
the lift's.
"""

from __future__ import annotations

from sqlglot import exp

from bursar.errors import Severity
from bursar.metrics import exact
from bursar.metrics.arithmetic import divided
from bursar.metrics.fitting import condition, fitted, narrow, numbers, unified
from bursar.metrics.kinds import NOTHING, ROWS_MAX, Kind, kind_of, with_kind
from bursar.metrics.work import Work, snippet

RANKS = (exp.RowNumber, exp.Rank, exp.DenseRank, exp.Ntile)
_NEIGHBOURS = (exp.Lag, exp.Lead)
_PICKED = (exp.FirstValue, exp.LastValue, exp.NthValue)
WINDOW_ONLY = (*RANKS, *_NEIGHBOURS, *_PICKED)


def window(work: Work, node: exp.Expr) -> exp.Expr:
    """A function with OVER."""
    node.set("partition_by", [work.settled(e) for e in node.args.get("partition_by") or []])
    order = node.args.get("order")
    for item in order.expressions if order is not None else ():
        item.set("this", work.settled(item.this))
    if not _frame(work, node):
        return work.unknown(node)
    function, guard = node.this, None
    if isinstance(function, exp.Filter):
        guard = condition(work, function.expression.this, "FILTER")
        function = function.this
    wrapper = None
    if isinstance(function, exp.IgnoreNulls | exp.RespectNulls):
        wrapper, function = type(function), function.this
    if isinstance(function, exp.Anonymous | exp.Median | exp.PercentileDisc | exp.PercentileCont):
        message = "This has no OVER here: aggregate in a derived table and join it."
        work.add("M501", message, node)
        return work.unknown(node)
    if isinstance(function, WINDOW_ONLY):
        return _ranked(work, node, function, wrapper)
    return _aggregated(work, node, function, guard)


def _frame(work: Work, node: exp.Expr) -> bool:
    """Whether a window's frame has plain bounds."""
    spec = node.args.get("spec")
    if spec is None:
        return True
    for key in ("start", "end"):
        bound = spec.args.get(key)
        if isinstance(bound, exp.Expr):
            is_number = isinstance(bound, exp.Literal) and not bound.is_string
            if not is_number and not isinstance(bound, exp.Interval):
                message = "A frame's bound is a plain number or an interval."
                work.add("M205", message, node)
                return False
            spec.set(key, work.settled(bound))
    return True


def _ranked(
    work: Work, node: exp.Expr, function: exp.Expr, wrapper: type[exp.Expr] | None
) -> exp.Expr:
    if isinstance(function, exp.Ntile | exp.NthValue):
        count = function.args.get("offset") or function.this
        if not isinstance(count, exp.Literal) or not count.name.isdigit() or count.name == "0":
            work.add("M205", "This takes a plain number above 0.", node)
            return work.unknown(node)
    if isinstance(function, RANKS):
        return with_kind(node, Kind("BIGINT", ROWS_MAX))
    value = work.settled(function.this)
    function.set("this", value)
    offset = function.args.get("offset")
    number = offset.unnest() if isinstance(offset, exp.Expr) else exp.Literal.number(1)
    if not isinstance(number, exp.Literal) or not number.name.isdigit():
        work.add("M205", "An offset is a plain number.", node)
        return work.unknown(node)
    default = function.args.get("default")
    items = [value]
    if default is not None:
        items = unified(work, [value, work.settled(default)], node)
        function.set("this", items[0])
        function.set("default", items[1])
    kinds = [kind_of(item) for item in items]
    if not all(kind.known for kind in kinds):
        return work.unknown(node)
    if wrapper is not None:
        node.set("this", wrapper(this=function))
    kind = next((kind for kind in kinds if kind.name != NOTHING), kinds[0])
    return with_kind(node, Kind(kind.name, max(k.bound for k in kinds)))


def _aggregated(work: Work, node: exp.Expr, function: exp.Expr, guard: exp.Expr | None) -> exp.Expr:
    counted = Kind("BIGINT", ROWS_MAX)
    if isinstance(function.this, exp.Star):
        return with_kind(_over(node, function, guard), counted)
    if isinstance(function.this, exp.Distinct) and not isinstance(function, exp.Count):
        if not isinstance(function, exp.Min | exp.Max) or len(function.this.expressions) != 1:
            message = "Over a window distinct values are only counted: make the rows distinct."
            work.add("M501", message, node)
            return work.unknown(node)
        # An extreme of distinct values is that of all.
        function.set("this", function.this.expressions[0])
    if isinstance(function.this, exp.Distinct):
        items = [work.settled(e) for e in function.this.expressions]
        function.this.set("expressions", items)
        return with_kind(_over(node, function, guard), counted)
    value = work.settled(function.this)
    function.set("this", value)
    kind = kind_of(value)
    if isinstance(function, exp.Count):
        return with_kind(_over(node, function, guard), counted)
    if isinstance(function, exp.Min | exp.Max):
        if kind.is_text:
            work.add("M405", "The extreme of text goes letter by letter: cast it.", node)
            return work.unknown(node)
        return with_kind(_over(node, function, guard), Kind(kind.name, kind.bound))
    what = "sum" if isinstance(function, exp.Sum) else "avg"
    if not isinstance(function, exp.Sum | exp.Avg) or not numbers(work, [value], node, what):
        return work.unknown(node)
    total = _sum(node, value, guard)
    if isinstance(function, exp.Sum):
        return total
    if not narrow(work, [value], node):
        return work.unknown(node)
    work.add("M403", "avg divides exactly at 12 places here.", node, severity=Severity.NOTE)
    counter = exp.Count(this=value.copy(), big_int=True)
    return divided(total, with_kind(_over(node, counter, guard), counted))


def _sum(node: exp.Expr, value: exp.Expr, guard: exp.Expr | None) -> exp.Expr:
    """A running sum that cannot overflow, in parts where the numbers could be too large for one."""
    kind = kind_of(value)
    name = f"DECIMAL(38,{kind.scale})" if kind.is_decimal else "HUGEINT"
    total = Kind(name, kind.bound * ROWS_MAX)
    if total.bound < total.capacity:
        return with_kind(_over(node, exp.Sum(this=value), guard), total)
    names = ("ordinary_", "huge_", "huge_fraction_")
    parts = {
        part: with_kind(_over(node, snippet(sql, value_=value), guard), Kind(name))
        for sql, part in zip(exact.sum_parts("value_"), names, strict=True)
    }
    return with_kind(snippet(exact.sum_of_parts(*names), **parts), Kind(name, total.capacity))


def _over(node: exp.Expr, function: exp.Expr, guard: exp.Expr | None) -> exp.Expr:
    copied = node.copy()
    if guard is not None:
        function = exp.Filter(this=function, expression=exp.Where(this=guard.copy()))
    copied.set("this", function)
    return copied


def percentile(work: Work, node: exp.Expr, guard: exp.Expr | None) -> exp.Expr:
    """A percentile: the element itself, or exactly between two elements."""
    is_descending = False
    inner = node
    if isinstance(node, exp.WithinGroup):
        items = node.expression.expressions
        is_descending = bool(items[0].args.get("desc"))
        inner, argument, share = node.this, items[0].this, node.this.this
    else:
        argument = node.this
        share = exp.Literal.number("0.5")
        if not isinstance(node, exp.Median):
            share = node.args.get("expression") or node.args.get("quantile")
    value = work.settled(argument)
    if not numbers(work, [value], node, "A percentile") or not narrow(work, [value], node):
        return work.unknown(node)
    is_share = isinstance(share, exp.Literal) and not share.is_string
    places = len(share.name.partition(".")[2]) if is_share else 0
    if not is_share or not 0 <= float(share.name) <= 1 or places > exact.SHARE_PLACES_MAX:
        message = "A percentile takes a plain number between 0 and 1, with at most 6 places."
        work.add("M205", message, node)
        return work.unknown(node)
    if kind_of(value).is_integer:
        value = fitted(value, Kind("DECIMAL(38,0)"))
    is_exact_element = isinstance(inner, exp.PercentileDisc | exp.Quantile)
    return _list_percentile(value, share.name, guard, is_exact_element, is_descending)


def _list_percentile(
    value: exp.Expr, share: str, guard: exp.Expr | None, is_element: bool, is_descending: bool
) -> exp.Expr:
    kind = kind_of(value)
    if is_element and not is_descending:
        call: exp.Expr = exp.PercentileDisc(this=value, expression=exp.Literal.number(share))
        if guard is not None:
            call = exp.Filter(this=call, expression=exp.Where(this=guard.copy()))
        return with_kind(call, Kind(kind.name, kind.bound))
    present: exp.Expr = exp.Not(this=exp.Is(this=value.copy(), expression=exp.Null()))
    present = present if guard is None else exp.and_(present, guard.copy())
    values = exp.Filter(this=exp.ArrayAgg(this=value), expression=exp.Where(this=present))
    values.meta["part"] = "values"
    with_kind(values, Kind(f"{kind.name}[]", kind.bound))
    sql = exact.element_at if is_element else exact.between_elements
    done = snippet(sql("values_", share, is_descending=is_descending), values_=values)
    if is_element:
        return with_kind(done, Kind(kind.name, kind.bound))
    return with_kind(done, Kind(exact.NUMBER_TYPE, kind.bound))
