"""Resolving what depends on an order: ORDER BY, LIMIT, DISTINCT ON and the windows of a SELECT.

Owns that what is cut off, and what is numbered, is the same on every run: rows that an order
leaves equal are told apart by their other columns.
"""

from __future__ import annotations

from sqlglot import exp

from bursar.errors import Severity
from bursar.metrics.names import Names, Sight
from bursar.metrics.relations import (
    Relation,
    ResolvedQuery,
    column_of,
    is_aggregated,
    is_plain_distinct,
    own_windows,
    windows_in,
)
from bursar.words import nearest

# Window functions whose result depends on where a row stands among its equals.
_BY_ROW = (
    exp.RowNumber, exp.Ntile, exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue,
)  # fmt: skip


def resolve_windows(select: exp.Select, windows: list[exp.Expr], names: Names) -> None:
    """Puts the definitions of named windows where they are used."""
    defined: dict[str, exp.Window] = {}
    for window in windows:
        if isinstance(window, exp.Window):
            _inline(window, defined, names)
            defined[window.this.name.lower()] = window
    select.set("windows", None)
    for window in own_windows(select):
        _inline(window, defined, names)


def _inline(window: exp.Window, defined: dict[str, exp.Window], names: Names) -> None:
    name = window.alias
    if not name:
        return
    found = defined.get(name.lower())
    if found is None:
        hint = nearest(name, defined)
        names.add("M102", f"There is no window {name} here.{hint}", window)
        return
    window.set("alias", None)
    for key in ("partition_by", "order", "spec"):
        value = found.args.get(key)
        if value and not window.args.get(key):
            copied = [v.copy() for v in value] if isinstance(value, list) else value.copy()
            window.set(key, copied)


def resolve_order(select: exp.Select, sight: Sight, names: Names) -> None:
    """Resolves ORDER BY and DISTINCT ON: a number is a column, a bare name a column's alias."""
    distinct = select.args.get("distinct")
    on = distinct.args.get("on") if distinct is not None else None
    if distinct is not None and on is not None:
        keys = on.expressions if isinstance(on, exp.Tuple) else [on.unnest()]
        done = [_order_key(key, select, sight, names) for key in keys]
        distinct.set("on", exp.Tuple(expressions=done))
    order = select.args.get("order")
    if order is None:
        return
    ordered: list[exp.Expr] = []
    for item in order.expressions:
        if _is_all(item.this, sight):
            ordered += [
                exp.Ordered(this=p.unalias().copy(), nulls_first=False) for p in select.expressions
            ]
            continue
        item.set("this", _order_key(item.this, select, sight, names))
        ordered.append(item)
    order.set("expressions", ordered)


def _is_all(node: exp.Expr, sight: Sight) -> bool:
    is_word = isinstance(node, exp.Column | exp.Var) and node.name.lower() == "all"
    return is_word and "all" not in sight.aliases


def _order_key(node: exp.Expr, select: exp.Select, sight: Sight, names: Names) -> exp.Expr:
    if isinstance(node, exp.Literal) and not node.is_string:
        count = len(select.expressions)
        if node.name.isdigit() and 1 <= int(node.name) <= count:
            return _column_again(select.expressions[int(node.name) - 1], names)
        names.add("M102", f"ORDER BY {node.name}: there are {count} columns.", node)
        return node
    if isinstance(node, exp.Column) and len(node.parts) == 1:
        for projection in select.expressions:
            if projection.alias_or_name.lower() == node.name.lower():
                return _column_again(projection, names)
    return names.expression(node, sight)


def _column_again(projection: exp.Expr, names: Names) -> exp.Expr:
    found = projection.unalias()
    if found.find(exp.Query) is not None:
        message = "ORDER BY a subquery is refused: compute it in a derived table."
        names.add("M501", message, found)
    return found.copy()


def check_limit(select: exp.Select, names: Names) -> None:
    """LIMIT and OFFSET are plain numbers and have an order."""
    for key in ("limit", "offset"):
        clause = select.args.get(key)
        if clause is None:
            continue
        number = clause.expression
        if not isinstance(number, exp.Literal) or number.is_string or not number.name.isdigit():
            names.add("M205", f"{key.upper()} takes a plain number.", clause)
            select.set(key, None)
        elif select.args.get("order") is None and not _is_existence(select):
            message = f"{key.upper()} without ORDER BY takes any rows: say in which order."
            names.add("M304", message, clause)


def _is_existence(select: exp.Select) -> bool:
    return isinstance(select.parent, exp.Exists)


def break_ties(query: ResolvedQuery, names: Names) -> None:
    """Completes every order that decides which rows, or which numbers, there are."""
    for select in query.all_selects():
        sources = query.sources(select) if select.args.get("from_") is not None else []
        remaining = _remaining(select, sources)
        order = select.args.get("order")
        distinct = select.args.get("distinct")
        is_cut = select.args.get("limit") or select.args.get("offset")
        if order is not None and is_cut:
            # Rows that are equal in every column of the result are as good as one another.
            columns = [projection.unalias() for projection in select.expressions]
            ordered = [item.this for item in order.expressions]
            if not remaining or any(node not in ordered for node in remaining):
                _complete(order, [c for c in columns if not _is_constant(c)], names)
        elif distinct is not None and distinct.args.get("on"):
            if order is None:
                order = exp.Order(expressions=[])
                select.set("order", order)
            known = distinct.args["on"].expressions
            _complete(order, remaining, names, also=known)
        for window in own_windows(select):
            _complete_window(window, remaining, names)


def _remaining(select: exp.Select, sources: list[Relation]) -> list[exp.Expr]:
    """What tells any two rows of a SELECT apart, as far as anything does."""
    if is_aggregated(select):
        group = select.args.get("group")
        return list(group.expressions) if group is not None else []
    found: list[exp.Expr] = []
    for relation in sources:
        if relation.is_events:
            found.append(column_of(relation, "transaction_id"))
        else:
            found += [column_of(relation, name) for name in relation.columns.values()]
    hidden = {
        join.this.alias_or_name
        for join in select.args.get("joins") or []
        if join.kind in ("SEMI", "ANTI")
    }
    return [c for c in found if isinstance(c, exp.Column) and c.table not in hidden]


def _complete_window(window: exp.Window, remaining: list[exp.Expr], names: Names) -> None:
    function = window.this
    while isinstance(function, exp.Filter | exp.IgnoreNulls | exp.RespectNulls):
        function = function.this
    spec = window.args.get("spec")
    is_by_rows = spec is not None and str(spec.args.get("kind") or "").upper() == "ROWS"
    order = window.args.get("order")
    if isinstance(function, _BY_ROW) and order is None:
        name = function.sql_name().lower()
        names.add("M305", f"{name} needs an order: over (order by ...).", window)
        return
    is_by_row = isinstance(function, _BY_ROW) or is_by_rows
    if order is None or not is_by_row:
        return
    if spec is not None and not is_by_rows:
        return
    if spec is None and isinstance(function, exp.LastValue | exp.FirstValue | exp.NthValue):
        return
    _complete(order, remaining, names, also=window.args.get("partition_by") or [])


def _complete(
    order: exp.Order,
    remaining: list[exp.Expr],
    names: Names,
    *,
    also: list[exp.Expr] | None = None,
) -> None:
    known = [item.this for item in order.expressions] + list(also or [])
    missing = [node for node in remaining if node not in known]
    if not missing:
        return
    message = (
        "Rows may be equal in this order: they are told apart by their other columns.\nAdd "
        "transaction_id, or another column that is unlike on every row."
    )
    names.add("M305", message, order, severity=Severity.WARNING)
    names.query.departs = True
    added = [exp.Ordered(this=node.copy(), nulls_first=False) for node in missing]
    order.set("expressions", [*order.expressions, *added])


def _is_constant(node: exp.Expr) -> bool:
    return node.find(exp.Column) is None


def is_wrapped(select: exp.Select) -> bool:
    """Whether a SELECT's LIMIT must be applied to a SELECT from it."""
    if is_plain_distinct(select) or select.args.get("distinct") or select.args.get("qualify"):
        return True
    if any(projection.find(exp.Explode) for projection in select.expressions):
        return True
    order = select.args.get("order")
    return order is not None and windows_in(order)
