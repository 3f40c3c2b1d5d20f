"""The layering pass: one thing at a time, so that the lift has few forms to know.

Owns that a grouped SELECT only groups, that LIMIT stands on a SELECT that only cuts, and that no
`try` holds what the engine refuses in it. It changes no rows: the layered query gives on one scope
what the author's gives.
"""

from __future__ import annotations

import sqlglot
from sqlglot import exp

from bursar.metrics.ordering import is_wrapped
from bursar.metrics.parsing import DIALECT
from bursar.metrics.relations import (
    Relation,
    ResolvedQuery,
    is_aggregate,
    is_aggregated,
    projections,
    resolved_column,
)

_GROUPED, _LIMITED = "grouped", "limited"


def layer(query: ResolvedQuery) -> None:
    """Layers every SELECT of an elaborated query, in place."""
    # From the leaves up, so that what is moved below is in its final form.
    for select in reversed(query.all_selects()):
        if is_aggregated(select) and not is_plain(select):
            _Grouping(query, select).split()
        if (select.args.get("limit") or select.args.get("offset")) and is_wrapped(select):
            _wrap_limit(query, select)
        if not any(select.args.get(key) for key in ("limit", "offset", "distinct")):
            select.set("order", None)
    for found in [node for node in query.body.walk() if isinstance(node, exp.Try)]:
        _bind_below_try(found)


def is_plain(select: exp.Select) -> bool:
    """Whether a grouped SELECT's columns are just its keys and plain aggregates."""
    clauses = ("having", "qualify", "order", "limit", "offset", "distinct")
    if any(select.args.get(clause) for clause in clauses):
        return False
    group = select.args.get("group")
    keys = list(group.expressions) if group is not None else []
    plain: list[exp.Expr] = []
    for projection in select.expressions:
        inner = projection.this
        if _is_bare_aggregate(inner):
            continue
        if inner not in keys:
            return False
        plain.append(inner)
    return all(key in plain for key in keys)


def _is_bare_aggregate(node: exp.Expr) -> bool:
    return is_aggregate(node.this if isinstance(node, exp.Filter) else node)


class _Grouping:
    """A grouped SELECT taken apart: keys and plain aggregates below, each with a name.

    What the SELECT makes of them is computed above, where the engine allows `try`, and where the
    row of an empty scope can be made.
    """

    def __init__(self, query: ResolvedQuery, select: exp.Select) -> None:
        self._query = query
        self._select = select
        self._table = query.unique(_GROUPED) if _GROUPED in query.relations else _GROUPED
        self._names: set[str] = set()
        self._columns: list[tuple[exp.Expr, str]] = []
        group = select.args.get("group")
        self._keys = list(group.expressions) if group is not None else []
        for key in self._keys:
            preferred = next((p.alias for p in select.expressions if p.this == key), "group_key")
            self._name(key, preferred)

    def split(self) -> None:
        """Makes the SELECT one from its own grouping."""
        select = self._select
        above = [self._outside(projection) for projection in select.expressions]
        for clause in ("qualify", "order", "distinct"):
            if select.args.get(clause) is not None:
                select.set(clause, self._outside(select.args[clause]))
        having = select.args.get("having")
        condition = self._outside(having.this) if having is not None else None
        below = exp.Select(expressions=[exp.alias_(n, name) for n, name in self._columns])
        for clause in ("from_", "joins", "where", "group"):
            below.set(clause, select.args.get(clause))
            select.set(clause, None)
        if self._keys and below.args.get("group") is None:
            below.set("group", exp.Group(expressions=self._keys))
        select.set("from_", exp.From(this=below.subquery(self._table, copy=False)))
        select.set("expressions", above)
        select.set("having", None)
        if condition is not None:
            select.set("where", exp.Where(this=condition))
        columns = {name.lower(): name for _, name in self._columns}
        self._query.relations[self._table] = Relation(self._table, self._table, below, columns)

    def _known(self, node: exp.Expr) -> str | None:
        """The name of a column; arithmetic is known with and without its `try`."""
        for column, name in self._columns:
            if node == column or (isinstance(column, exp.Try) and node == column.this):
                return name
        return None

    def _is_key(self, node: exp.Expr) -> bool:
        """Whether it is grouped by; an aggregate of a query below is only alike."""
        bare = [key.this if isinstance(key, exp.Try) else key for key in self._keys]
        return node.find(exp.Column) is not None and (node in self._keys or node in bare)

    def _name(self, node: exp.Expr, preferred: str) -> str:
        found = self._known(node)
        if found is not None:
            return found
        name, number = preferred, 2
        while name.lower() in self._names:
            name, number = f"{preferred}_{number}", number + 1
        self._names.add(name.lower())
        self._columns.append((node.copy(), name))
        return name

    def _outside(
        self,
        node: exp.Expr,
        preferred: str = "",
        *,
        is_alone: bool = False,
        is_below: bool = False,
    ) -> exp.Expr:
        """An expression above the grouping: keys and aggregates become columns of it.

        Args:
            node: The expression.
            preferred: What its column is called.
            is_alone: Whether the column is all that the name stands for.
            is_below: Whether it stands in a query below, whose aggregates are its own.
        """
        if isinstance(node, exp.Alias) and not is_below:
            inner = self._outside(node.this, node.alias, is_alone=True)
            done = exp.Alias(this=inner, alias=node.args["alias"])
            done.meta.update(node.meta)
            return done
        known = self._known(node) is not None and (not is_below or self._is_key(node))
        if known or (not is_below and _is_bare_aggregate(node)):
            part = node.meta.get("part", "aggregate")
            name = self._name(node, preferred if is_alone else f"{preferred}_{part}".lstrip("_"))
            return resolved_column(self._table, name)
        for key, value in list(node.args.items()):
            below = is_below or isinstance(node, exp.Query)
            if isinstance(value, exp.Expr):
                node.set(key, self._outside(value, preferred, is_below=below))
            elif isinstance(value, list):
                done_items = [
                    self._outside(v, preferred, is_below=below) if isinstance(v, exp.Expr) else v
                    for v in value
                ]
                node.set(key, done_items)
        return node


def _wrap_limit(query: ResolvedQuery, select: exp.Select) -> None:
    """Moves a SELECT's LIMIT to a SELECT from it; what orders the rows comes along."""
    table = query.unique(_LIMITED) if _LIMITED in query.relations else _LIMITED
    clauses = ("expressions", "from_", "joins", "where", "group", "qualify", "distinct")
    below = exp.Select()
    for clause in clauses:
        below.set(clause, select.args.get(clause))
        select.set(clause, None)
    order = select.args.get("order")
    outputs = list(below.expressions)
    ordered: list[exp.Expr] = []
    for number, item in enumerate(order.expressions if order is not None else ()):
        found = next((p for p in outputs if p.unalias() == item.this), None)
        name = found.alias_or_name if found is not None else f"order_{number + 1}"
        if found is None:
            below.append("expressions", exp.alias_(item.this.copy(), name))
        again = item.copy()
        again.set("this", resolved_column(table, name))
        ordered.append(again)
    if below.args.get("distinct") is not None and below.args["distinct"].args.get("on"):
        below.set("order", order)
    names = [p.alias_or_name for p in outputs]
    above = [exp.alias_(resolved_column(table, name), name) for name in names]
    for column, output in zip(above, outputs, strict=True):
        column.meta.update(output.meta)
    select.set("expressions", above)
    select.set("from_", exp.From(this=below.subquery(table, copy=False)))
    select.set("order", exp.Order(expressions=ordered) if order is not None else None)
    columns = {p.alias_or_name.lower(): p.alias_or_name for p in projections(below)}
    query.relations[table] = Relation(table, table, below, columns)


def _bind_below_try(node: exp.Try) -> None:
    """Computes queries and windows before the `try` that holds them: the engine refuses them in it.

    The list of one struct is how a value gets a name within an expression.
    """
    if node.find_ancestor(exp.Try) is not None:
        return
    outer = _outermost(node.this)
    if not outer:
        return
    fields = []
    for number, part in enumerate(outer):
        name = f"v{number + 1}"
        part.replace(sqlglot.parse_one(f"bound.{name}", dialect=DIALECT))
        fields.append(exp.PropertyEQ(this=exp.to_identifier(name), expression=part))
    given = exp.Array(expressions=[exp.Struct(expressions=fields)])
    template = sqlglot.parse_one("list_transform(given_, lambda bound: tried_)[1]", dialect=DIALECT)
    parts = {"given_": given, "tried_": node.copy()}

    def fill(part: exp.Expr) -> exp.Expr:
        is_part = isinstance(part, exp.Column) and part.name in parts and not part.table
        return parts[part.name] if is_part else part

    done = template.transform(fill, copy=False)
    done.meta["kind"] = node.meta.get("kind")
    node.replace(done)


def _outermost(node: exp.Expr) -> list[exp.Expr]:
    """The queries, windows and what asks of queries, as high as they stand."""
    is_query = isinstance(node, exp.Query | exp.Window | exp.Exists)
    if is_query or (isinstance(node, exp.In) and node.args.get("query") is not None):
        return [node]
    return [found for child in node.iter_expressions() for found in _outermost(child)]
