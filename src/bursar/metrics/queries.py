"""The typing pass over queries: FROM, clauses, set operations, and queries in expressions.

Owns the order in which parts are typed: what stands in a FROM before what reads it. What becomes
of an expression is ``bursar.metrics.elaborate``'s.
"""

from __future__ import annotations

from sqlglot import exp

from bursar.metrics.choices import one_sort
from bursar.metrics.fitting import condition, fitted, unified
from bursar.metrics.kinds import BOOLEAN, NOTHING, Kind, kind_of, with_kind
from bursar.metrics.relations import aggregates_in, branches, projections
from bursar.metrics.work import Work


def elaborate_query(work: Work, body: exp.Expr) -> None:
    """Types and rewrites a query, after those that it reads."""
    with_ = body.args.get("with_")
    for cte in with_.expressions if with_ is not None else ():
        elaborate_query(work, cte.this)
    if isinstance(body, exp.Select):
        _select(work, body)
    elif isinstance(body, exp.SetOperation):
        elaborate_query(work, body.this)
        elaborate_query(work, body.expression)
        _unify_sides(work, body)
    elif isinstance(body, exp.Subquery):
        elaborate_query(work, body.this)


def _select(work: Work, select: exp.Select) -> None:
    from_ = select.args.get("from_")
    if from_ is not None:
        _source(work, from_.this)
    for join in select.args.get("joins") or []:
        _source(work, join.this)
        on = join.args.get("on")
        if on is not None:
            join.set("on", condition(work, on, "ON"))
    where = select.args.get("where")
    if where is not None:
        where.set("this", condition(work, where.this, "WHERE"))
    for projection in select.expressions:
        if "kind" in projection.meta:
            continue  # passed on for a cast above, and typed then
        done = work.settled(projection.this)
        projection.set("this", done)
        with_kind(projection, kind_of(done))
    group = select.args.get("group")
    if group is not None:
        group.set("expressions", [work.settled(key) for key in group.expressions])
    for clause in ("having", "qualify"):
        found = select.args.get(clause)
        if found is not None:
            found.set("this", condition(work, found.this, clause.upper()))
    _order(work, select)


def _order(work: Work, select: exp.Select) -> None:
    order = select.args.get("order")
    for item in order.expressions if order is not None else ():
        item.set("this", work.settled(item.this))
    distinct = select.args.get("distinct")
    on = distinct.args.get("on") if distinct is not None else None
    if on is not None:
        on.set("expressions", [work.settled(key) for key in on.expressions])


def _source(work: Work, node: exp.Expr) -> None:
    if isinstance(node, exp.Subquery):
        elaborate_query(work, node.this)
    elif isinstance(node, exp.Values):
        _values(work, node)
    elif isinstance(node, exp.Unnest):
        items = work.settled(node.expressions[0])
        node.set("expressions", [items])
        name = kind_of(items).name
        element = name.removesuffix("[]")
        if kind_of(items).known and element == name:
            work.add("M205", f"UNNEST takes a list; this is {name}.", node)
        relation = work.query.relations[node.alias]
        bound = kind_of(items).bound
        relation.kinds = {c: Kind(element, bound) for c in relation.columns.values()}


def _values(work: Work, node: exp.Values) -> None:
    rows = [[work.settled(value) for value in row.expressions] for row in node.expressions]
    relation = work.query.relations[node.alias]
    for position, name in enumerate(relation.columns.values()):
        column = [row[position] for row in rows]
        column = _of_one_type(work, column, node) if one_sort(work, column, node) else column
        for row, value in zip(rows, column, strict=True):
            row[position] = value
        relation.kinds[name] = _widest(column)
    for row, values in zip(node.expressions, rows, strict=True):
        row.set("expressions", values)


def _of_one_type(work: Work, items: list[exp.Expr], node: exp.Expr) -> list[exp.Expr]:
    """Values of one column; numbers of several types become decimals of the finest."""
    done = unified(work, items, node)
    kinds = [kind_of(item) for item in done if kind_of(item).name != NOTHING]
    scale = max((kind.scale for kind in kinds), default=0)
    if len({kind.name for kind in kinds}) < 2 or not any(kind.is_decimal for kind in kinds):
        return done
    return [fitted(item, Kind(f"DECIMAL(38,{scale})")) for item in done]


def _widest(items: list[exp.Expr]) -> Kind:
    """The kind of a column with these values."""
    kinds = [kind_of(item) for item in items]
    known = [kind for kind in kinds if kind.name != NOTHING]
    if not known:
        return Kind("INTEGER")
    bound = max(kind.bound for kind in known)
    largest = max(known, key=lambda kind: (kind.capacity, kind.name))
    names = {kind.name for kind in known}
    if len(names) == 1:
        return Kind(known[0].name, bound)
    return Kind(largest.name, bound)


def _unify_sides(work: Work, body: exp.SetOperation) -> None:
    """The columns of both sides, made of one type; a set operation would cut digits."""
    selects = branches(body)
    for columns in zip(*(select.expressions for select in selects), strict=False):
        items = [column.this for column in columns]
        if not all(kind_of(item).known for item in items):
            continue
        if not one_sort(work, items, selects[-1]):
            continue
        done = _of_one_type(work, items, selects[-1])
        kind = _widest(done)
        for column, item in zip(columns, done, strict=True):
            column.set("this", item)
            with_kind(column, kind)


def scalar(work: Work, node: exp.Expr) -> exp.Expr:
    """A query that stands for one value: at most one row, of one column."""
    if isinstance(node.parent, exp.Exists | exp.In):
        return node
    body = node.this if isinstance(node, exp.Subquery) else node
    elaborate_query(work, body)
    columns = projections(body)
    if len(columns) != 1:
        work.add("M205", f"A subquery gives one column here, not {len(columns)}.", node)
        return work.unknown(node)
    if not _has_one_row(body):
        message = (
            "This subquery may give many rows, where one value is meant: aggregate it, or end it "
            "with ORDER BY and LIMIT 1."
        )
        work.add("M507", message, node)
        return work.unknown(node)
    kind = kind_of(columns[0])
    return with_kind(node, Kind(kind.name, kind.bound))


def _has_one_row(body: exp.Expr) -> bool:
    if not isinstance(body, exp.Select):
        return False
    limit = body.args.get("limit")
    if limit is not None and int(limit.expression.name) <= 1:
        return True
    if body.args.get("group") is not None:
        return False
    if any(p.find(exp.Explode) for p in body.expressions):
        return False
    is_aggregate = any(aggregates_in(p) for p in body.expressions) or body.args.get("having")
    return bool(is_aggregate) or body.args.get("from_") is None


def exists(work: Work, node: exp.Expr) -> exp.Expr:
    """EXISTS; a LIMIT in it says nothing, unless it is 0."""
    body = node.this
    limit = body.args.get("limit") if isinstance(body, exp.Select) else None
    if limit is not None and limit.expression.name != "0" and body.args.get("offset") is None:
        body.set("limit", None)
        body.set("order", None)
    elaborate_query(work, body)
    return with_kind(node, Kind(BOOLEAN))


def in_query(work: Work, node: exp.Expr) -> exp.Expr:
    """IN with a query."""
    left = work.settled(node.this)
    query = node.args["query"]
    body = query.this if isinstance(query, exp.Subquery) else query
    elaborate_query(work, body)
    selects = branches(body)
    if len(projections(body)) != 1:
        work.add("M205", f"IN takes one column, not {len(projections(body))}.", node)
        return work.unknown(node)
    columns = [select.expressions[0] for select in selects]
    items = [left, *(column.this for column in columns)]
    if all(kind_of(item).known for item in items) and one_sort(work, items, node):
        done = unified(work, items, node)
        left = done[0]
        for column, item in zip(columns, done[1:], strict=True):
            column.set("this", item)
            with_kind(column, kind_of(item))
    node.set("this", left)
    return with_kind(node, Kind(BOOLEAN))
