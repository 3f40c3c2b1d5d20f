"""The lift: a query over one scope becomes a query over all scopes at once.

Owns the scope key: after it every SELECT has a column `scope_id`, and its rows for a scope are the
rows that the SELECT would give on that scope's events alone. By induction from the events up: a
projection and a filter keep the key, GROUP BY adds it, and an aggregate without GROUP BY is joined
back to the scopes, so that an empty scope keeps its row.
"""

from __future__ import annotations

from sqlglot import exp

from bursar.metrics.functions import WINDOW_END, WINDOW_START
from bursar.metrics.relations import (
    SCOPE_KEY,
    Relation,
    ResolvedQuery,
    is_aggregate,
    is_aggregated,
)

_SCOPES = "scopes"
_GROUPED = "grouped"


def lift(query: ResolvedQuery) -> exp.Select:
    """The lifted query; the resolved one is used up."""
    _lift(query, query.select)
    return query.select


def _lift(query: ResolvedQuery, select: exp.Select) -> None:
    with_ = select.args.get("with_")
    for cte in with_.expressions if with_ is not None else ():
        _lift(query, cte.this)
    source = select.args["from_"].this
    if isinstance(source, exp.Subquery):
        _lift(query, source.this)
    relation = query.source(select)
    if is_aggregated(select):
        _lift_aggregate(select, relation)
    else:
        _lift_rows(select, relation)


def _scope_key(table: str) -> exp.Column:
    return exp.column(SCOPE_KEY, table=table)


def _lift_rows(select: exp.Select, relation: Relation) -> None:
    """Projection and filter: the key comes along."""
    select.set("expressions", [_scope_key(relation.alias), *select.expressions])
    _bind_windows(select, relation.alias)


def _bind_windows(select: exp.Select, table: str) -> None:
    """Reads window_start() and window_end() from the scope of the row."""
    joined = select.args.get("joins") or select.args["from_"].this.alias_or_name == _SCOPES
    if _replace_windows(select) and not joined:
        select.join(
            exp.to_table(_SCOPES),
            on=exp.EQ(this=_scope_key(_SCOPES), expression=_scope_key(table)),
            join_type="inner",
            copy=False,
        )


def _replace_windows(select: exp.Select) -> bool:
    found = False
    for call in list(_own_parts(select)):
        if isinstance(call, exp.Anonymous) and call.this in (WINDOW_START, WINDOW_END):
            call.replace(exp.column(call.this, table=_SCOPES))
            found = True
    return found


def _own_parts(select: exp.Select) -> list[exp.Expr]:
    """Every node of a SELECT's own clauses, not of the SELECTs below it."""
    clauses = [*select.expressions]
    for key in ("where", "group", "having"):
        if select.args.get(key) is not None:
            clauses.append(select.args[key])
    return [part for clause in clauses for part in clause.walk()]


def _lift_aggregate(select: exp.Select, relation: Relation) -> None:
    group = select.args.get("group")
    keys: list[exp.Expr] = list(group.expressions) if group is not None else []
    if keys and _is_one_level(select, keys):
        select.set("expressions", [_scope_key(relation.alias), *select.expressions])
        select.set("group", exp.Group(all=True))
        return
    inner = _Inner(select, relation, keys)
    outer = [inner.outside(projection) for projection in select.expressions]
    having = select.args.get("having")
    condition = inner.outside(having.this) if having is not None else None
    table = _SCOPES if not keys else _GROUPED
    select.set("from_", exp.From(this=inner.source() if keys else exp.to_table(_SCOPES)))
    select.set("expressions", [_scope_key(table), *outer])
    select.set("where", exp.Where(this=condition) if condition is not None else None)
    select.set("group", None)
    select.set("having", None)
    if not keys:
        # An empty scope has no group, and yet the query gives one row on it.
        select.join(
            inner.source(),
            on=exp.EQ(this=_scope_key(_SCOPES), expression=_scope_key(_GROUPED)),
            join_type="left",
            copy=False,
        )
    _bind_windows(select, table)


def _is_one_level(select: exp.Select, keys: list[exp.Expr]) -> bool:
    """Whether a grouped SELECT's columns are just its keys and plain aggregates."""
    if select.args.get("having") is not None:
        return False
    plain: list[exp.Expr] = []
    for projection in select.expressions:
        inner = projection.this
        if isinstance(inner, exp.Filter) or is_aggregate(inner):
            continue
        if inner not in keys:
            return False
        plain.append(inner)
    windows = any(
        isinstance(part, exp.Anonymous) and part.this in (WINDOW_START, WINDOW_END)
        for part in _own_parts(select)
    )
    return not windows and all(key in plain for key in keys)


class _Inner:
    """The grouping under a SELECT: scope, keys and plain aggregates, each with a name.

    What the SELECT makes of them is computed above, where the engine allows `try`, and where the
    row of an empty scope can be made.
    """

    def __init__(self, select: exp.Select, relation: Relation, keys: list[exp.Expr]) -> None:
        self._relation = relation
        self._from = select.args["from_"].copy()
        self._where = select.args["where"].copy() if select.args.get("where") else None
        self._is_grouped = bool(keys)
        self._names = {SCOPE_KEY}
        self._columns: list[tuple[exp.Expr, str]] = []
        for key in keys:
            preferred = next((p.alias for p in select.expressions if p.this == key), "group_key")
            self._name(key, preferred)

    def _known(self, node: exp.Expr) -> str | None:
        """The name of a column; arithmetic is known with and without its `try`."""
        for column, name in self._columns:
            if node == column or (isinstance(column, exp.Try) and node == column.this):
                return name
        return None

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

    def outside(self, node: exp.Expr, preferred: str = "", *, is_alone: bool = False) -> exp.Expr:
        """An expression above the grouping: keys and aggregates become columns of it.

        Args:
            node: The expression.
            preferred: What its column is called.
            is_alone: Whether the column is all that the name stands for.
        """
        if isinstance(node, exp.Alias):
            inner = self.outside(node.this, node.alias, is_alone=True)
            return exp.Alias(this=inner, alias=node.args["alias"])
        known = self._known(node) is not None
        aggregate = node.this if isinstance(node, exp.Filter) else node
        if known or is_aggregate(aggregate):
            part = node.meta.get("part", "aggregate")
            name = self._name(node, preferred if is_alone else f"{preferred}_{part}".lstrip("_"))
            column: exp.Expr = exp.column(exp.to_identifier(name), table=_GROUPED)
            if isinstance(aggregate, exp.Count) and not self._is_grouped:
                return exp.Coalesce(this=column, expressions=[exp.Literal.number(0)])
            return column
        # The node alone: a copy of all that is below it, at every level, would be most of the work.
        copy = type(node)()
        copy.meta.update(node.meta)
        for key, value in node.args.items():
            if isinstance(value, exp.Expr):
                copy.set(key, self.outside(value, preferred))
            elif isinstance(value, list):
                copy.set(
                    key,
                    [self.outside(v, preferred) if isinstance(v, exp.Expr) else v for v in value],
                )
            else:
                copy.set(key, value)
        return copy

    def source(self) -> exp.Subquery:
        """The grouping as a derived table."""
        columns = [exp.alias_(node, name) for node, name in self._columns]
        select = exp.Select(expressions=[_scope_key(self._relation.alias), *columns])
        select.set("from_", self._from)
        select.set("where", self._where)
        select.set("group", exp.Group(all=True))
        _bind_windows(select, self._relation.alias)
        return select.subquery(_GROUPED)
