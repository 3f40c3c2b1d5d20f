"""The lift: a query over one scope becomes a query over all scopes at once.

Owns the scope key. A lifted query has a column `scope_id`, and its rows for a scope are the rows
that the query would give on that scope's events alone. By induction over the operators: a filter
and a projection keep the key; GROUP BY, DISTINCT and every window's PARTITION BY add it; an
aggregate without GROUP BY is joined back to the scopes, so that an empty scope keeps its row; a
LIMIT becomes a row number per scope; set operations carry the key on both sides. A query in an
expression is not lifted: it reads what is lifted, restricted to the scope of the row around it.

What stands in a FROM is ``bursar.metrics.lift_from``'s.
"""

from __future__ import annotations

from sqlglot import exp

from bursar.metrics.functions import WINDOW_END, WINDOW_START
from bursar.metrics.lift_from import FromLift
from bursar.metrics.places import Aliases, Rows, scope_key
from bursar.metrics.relations import (
    SCOPE_KEY,
    ResolvedQuery,
    from_items,
    is_aggregated,
    own_windows,
    resolved_column,
)

_GROUPED = "grouped"
_CLAUSES = ("expressions", "where", "group", "having", "qualify", "distinct", "order")


def lift(query: ResolvedQuery) -> exp.Query:
    """The lifted query; the resolved one is used up."""
    return _Lift(query).query(query.body, None)


class _Lift:
    """The walk. What stands around a query is None unless the query is in an expression."""

    def __init__(self, query: ResolvedQuery) -> None:
        self._aliases = Aliases(query)
        self._from = FromLift(query, self._aliases, self.query, self._within)

    def query(self, body: exp.Query, around: Rows | None) -> exp.Query:
        """A query lifted, or restricted to the scope of the rows around it."""
        with_ = body.args.get("with_")
        for cte in with_.expressions if with_ is not None else ():
            is_correlated = self._from.is_correlated(cte.this)
            if not is_correlated:
                self._from.keyed_ctes.add(cte.alias)
            cte.set("this", self.query(cte.this, around if is_correlated else None))
        if isinstance(body, exp.Select):
            self._select(body, around)
        elif isinstance(body, exp.Subquery):
            body.set("this", self.query(body.this, around))
        elif isinstance(body, exp.SetOperation):
            for side in ("this", "expression"):
                body.set(side, self.query(body.args[side], around))
        return body

    def _select(self, select: exp.Select, around: Rows | None) -> None:
        if around is not None:
            self._restricted(select, self._from.lifted(select, around))
        elif not is_aggregated(select):
            is_over_one_row = _is_over_one_row(select)
            lifted = self._over_scopes if is_over_one_row else self._from_events
            self._rows(select, lifted(select))
        elif select.args.get("group"):
            self._grouped(select)
        else:
            self._ungrouped(select)

    def _restricted(self, select: exp.Select, rows: Rows) -> None:
        """A query in an expression: its rows are those of the scope around it."""
        self._clauses(select, rows)
        if rows.own_key is None:
            return
        assert rows.around is not None  # noqa: S101 - it stands in an expression
        same = exp.EQ(this=rows.key(), expression=rows.around.key())
        where = select.args.get("where")
        kept = where.this if where is not None else None
        if isinstance(kept, exp.Or):
            kept = exp.Paren(this=kept)
        condition = same if kept is None else exp.And(this=same, expression=kept)
        select.set("where", exp.Where(this=condition))

    def _rows(self, select: exp.Select, rows: Rows) -> None:
        """Projection, filter, windows, DISTINCT and LIMIT."""
        self._clauses(select, rows)
        for window in own_windows(select):
            partition = window.args.get("partition_by") or []
            window.set("partition_by", [rows.key(), *partition])
        distinct = select.args.get("distinct")
        on = distinct.args.get("on") if distinct is not None else None
        if on is not None:
            on.set("expressions", [rows.key(), *on.expressions])
        _cut(select, rows)
        _add_key(select, rows)

    def _grouped(self, select: exp.Select) -> None:
        """GROUP BY, with the key; the group of all rows, where there is none."""
        rows = self._from.lifted(select, None)
        self._clauses(select, rows)
        _add_key(select, rows)
        select.set("group", exp.Group(all=True))

    def _ungrouped(self, select: exp.Select) -> None:
        """Plain aggregates of all rows: one row for every scope, an empty one too."""
        below = exp.Select(expressions=list(select.expressions))
        for clause in ("from_", "joins", "where"):
            below.set(clause, select.args.get(clause))
            select.set(clause, None)
        table = self._aliases.new(_GROUPED)
        counts = _counts(below)
        columns = [
            exp.alias_(resolved_column(table, output.alias), output.alias)
            for output in below.expressions
        ]
        self._grouped(below)
        select.set("expressions", columns)
        rows = self._beside_scopes(select, below.subquery(table, copy=False), counts)
        _add_key(select, rows)

    def _from_events(self, select: exp.Select) -> Rows:
        return self._from.lifted(select, None)

    def _over_scopes(self, select: exp.Select) -> Rows:
        """A SELECT from the one row of plain aggregates reads it beside the scopes."""
        source = select.args["from_"].this
        counts = _counts(source.this)
        self._grouped(source.this)
        return self._beside_scopes(select, source, counts)

    def _beside_scopes(self, select: exp.Select, source: exp.Subquery, counts: set[str]) -> Rows:
        for clause in _CLAUSES:
            found = select.args.get(clause)
            for node in found if isinstance(found, list) else [found] if found else []:
                _default_to_zero(node, source.alias, counts)
        scopes = self._aliases.scopes()
        key = scope_key(scopes.alias_or_name)
        on = exp.EQ(this=key, expression=scope_key(source.alias))
        select.set("from_", exp.From(this=scopes))
        select.set("joins", [exp.Join(this=source, side="LEFT", on=on)])
        return Rows(key, self._aliases, None, scopes.alias_or_name)

    def _clauses(self, select: exp.Select, rows: Rows) -> None:
        """Restricts the queries in a SELECT's clauses to its rows' scopes, and binds the window."""
        for clause in _CLAUSES:
            value = select.args.get(clause)
            if isinstance(value, list):
                select.set(clause, [self._within(item, rows) for item in value])
            elif isinstance(value, exp.Expr):
                select.set(clause, self._within(value, rows))
        rows.join_bounds(select)

    def _within(self, node: exp.Expr, rows: Rows) -> exp.Expr:
        """An expression with its queries restricted to its rows' scopes."""
        if isinstance(node, exp.Query):
            return self.query(node, rows)
        if isinstance(node, exp.Anonymous) and node.this in (WINDOW_START, WINDOW_END):
            return rows.bound(str(node.this))
        for key, value in list(node.args.items()):
            if isinstance(value, exp.Expr):
                node.set(key, self._within(value, rows))
            elif isinstance(value, list):
                done = [self._within(v, rows) if isinstance(v, exp.Expr) else v for v in value]
                node.set(key, done)
        return node


def _add_key(select: exp.Select, rows: Rows) -> None:
    key = rows.key()
    named = key if isinstance(key, exp.Column) else exp.alias_(key, SCOPE_KEY)
    select.set("expressions", [named, *select.expressions])


def _cut(select: exp.Select, rows: Rows) -> None:
    """LIMIT and OFFSET, as a row number within the scope."""
    limit, offset = select.args.get("limit"), select.args.get("offset")
    if limit is None and offset is None:
        return
    skipped = int(offset.expression.name) if offset is not None else 0
    order = select.args.get("order")
    number = exp.Window(this=exp.RowNumber(), partition_by=[rows.key()], order=order, over="OVER")
    conditions: list[exp.Expr] = []
    if skipped:
        conditions.append(exp.GT(this=number.copy(), expression=exp.Literal.number(skipped)))
    if limit is not None:
        last = exp.Literal.number(skipped + int(limit.expression.name))
        conditions.append(exp.LTE(this=number, expression=last))
    if conditions:
        select.set("qualify", exp.Qualify(this=exp.and_(*conditions, copy=False)))
    for clause in ("order", "limit", "offset"):
        select.set(clause, None)


def _is_over_one_row(select: exp.Select) -> bool:
    """Whether a SELECT reads just the one row of aggregates without GROUP BY."""
    items = from_items(select)
    if len(items) != 1 or not isinstance(items[0], exp.Subquery):
        return False
    body = items[0].this
    is_plain = isinstance(body, exp.Select) and body.args.get("with_") is None
    return is_plain and is_aggregated(body) and not body.args.get("group")


def _counts(select: exp.Select) -> set[str]:
    """The columns that are counts: 0 where there are no rows."""
    found = set()
    for output in select.expressions:
        inner = output.unalias()
        inner = inner.this if isinstance(inner, exp.Filter) else inner
        if isinstance(inner, exp.Count):
            found.add(output.alias)
    return found


def _default_to_zero(node: exp.Expr, table: str, counts: set[str]) -> None:
    for column in list(node.find_all(exp.Column)):
        if column.table == table and column.name in counts:
            zero = exp.Literal.number(0)
            column.replace(exp.Coalesce(this=column.copy(), expressions=[zero]))
