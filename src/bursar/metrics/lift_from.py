"""The lift of a FROM: every join keeps rows of one scope together.

Owns the key of the joined rows, and constants, which are crossed with the scopes where they lead.
It leaves the rest of a SELECT, and the queries in a FROM, to ``bursar.metrics.lift``.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from bursar.metrics.functions import WINDOW_END, WINDOW_START
from bursar.metrics.places import Aliases, Rows, scope_key
from bursar.metrics.relations import (
    ResolvedQuery,
    from_items,
    resolved_column,
    tables_within,
)

LiftQuery = Callable[[exp.Query, Rows | None], exp.Query]
LiftExpression = Callable[[exp.Expr, Rows], exp.Expr]


class FromLift:
    """Lifts what SELECTs read.

    Args:
        query: The resolved query.
        aliases: For new ones.
        lift_query: Lifts a query, or restricts it to the scope of given rows.
        lift_expression: Restricts the queries in an expression.
    """

    def __init__(
        self,
        query: ResolvedQuery,
        aliases: Aliases,
        lift_query: LiftQuery,
        lift_expression: LiftExpression,
    ) -> None:
        self._query = query
        self._aliases = aliases
        self._lift_query = lift_query
        self._lift_expression = lift_expression
        # The CTEs that have a key.
        self.keyed_ctes: set[str] = set()

    def is_correlated(self, body: exp.Expr) -> bool:
        """Whether a query reads columns of what stands around it."""
        inside = tables_within(body)
        return any(
            column.table not in inside
            for column in body.find_all(exp.Column)
            if column.meta.get("is_resolved") and column.table in self._query.relations
        )

    def lifted(self, select: exp.Select, around: Rows | None) -> Rows:
        """Lifts a SELECT's FROM in place; its rows."""
        items = from_items(select)
        if not items:
            return self._without_from(select, around)
        joins: list[exp.Join] = list(select.args.get("joins") or [])
        keyed = [self._is_keyed(item) for item in items]
        is_led = not keyed[0] and any(keyed)
        if around is None:
            is_led = not keyed[0] or any(map(self._reads_bounds, [*items, *joins]))
        rows = Rows(None, self._aliases, around)
        if is_led:
            scopes = self._aliases.scopes()
            first = exp.Join(this=items[0], kind="CROSS")
            select.set("from_", exp.From(this=scopes))
            rows = Rows(
                scope_key(scopes.alias_or_name), self._aliases, around, scopes.alias_or_name
            )
            joins = [first, *joins]
        else:
            source = self._source(items[0], rows)
            select.set("from_", exp.From(this=source))
            if keyed[0]:
                rows = Rows(scope_key(source.alias_or_name), self._aliases, around)
        done: list[exp.Join] = []
        for join in joins:
            if around is None and not rows.scopes and self._reads_bounds(join):
                # The scopes that led are gone on the left of a RIGHT or FULL JOIN.
                done.append(rows.beside_bounds())
            rows = self._joined(join, rows, around)
            done.append(join)
        select.set("joins", done)
        return rows

    def _without_from(self, select: exp.Select, around: Rows | None) -> Rows:
        if around is not None:
            return Rows(None, self._aliases, around)
        scopes = self._aliases.scopes()
        select.set("from_", exp.From(this=scopes))
        alias = scopes.alias_or_name
        return Rows(scope_key(alias), self._aliases, None, alias)

    def _is_keyed(self, node: exp.Expr) -> bool:
        if isinstance(node, exp.Subquery):
            return not self.is_correlated(node.this)
        if not isinstance(node, exp.Table):
            return False
        relation = self._query.relations[node.alias_or_name]
        return relation.is_events or node.name in self.keyed_ctes

    def _reads_bounds(self, node: exp.Expr) -> bool:
        """Whether a FROM's own conditions, series or LATERAL ask for a scope's bounds."""
        if isinstance(node, exp.Join):
            on = node.args.get("on")
            return self._reads_bounds(node.this) or (on is not None and _calls_bounds(on))
        if isinstance(node, exp.Table):
            return False
        is_apart = isinstance(node, exp.Subquery) and not self.is_correlated(node.this)
        return not is_apart and _calls_bounds(node)

    def _source(self, node: exp.Expr, rows: Rows) -> exp.Expr:
        """What stands in a FROM, lifted, or restricted if it reads what stands beside it."""
        if isinstance(node, exp.Subquery):
            is_correlated = self.is_correlated(node.this)
            node.set("this", self._lift_query(node.this, rows if is_correlated else None))
        elif not isinstance(node, exp.Table):
            return self._lift_expression(node, rows)
        return node

    def _joined(self, join: exp.Join, rows: Rows, around: Rows | None) -> Rows:
        """One more join; the rows after it."""
        is_keyed = self._is_keyed(join.this)
        node = self._source(join.this, rows)
        if not is_keyed and join.side in ("RIGHT", "FULL") and rows.own_key is not None:
            node, is_keyed = self._crossed(node), True
        join.set("this", node)
        own = scope_key(node.alias_or_name) if is_keyed else None
        on = join.args.get("on")
        if on is not None:
            seen = Rows(own, self._aliases, around, rows.scopes) if own is not None else rows
            on = self._lift_expression(on, seen)
        if own is not None:
            same = exp.EQ(this=rows.key(), expression=own)
            if isinstance(on, exp.Or):
                on = exp.Paren(this=on)
            on = same if on is None or _is_true(on) else exp.And(this=same, expression=on)
            if join.kind == "CROSS":
                join.set("kind", "INNER")
        join.set("on", on)
        if own is None or join.side not in ("RIGHT", "FULL"):
            return rows
        if join.side == "RIGHT":
            return Rows(own.copy(), self._aliases, around)
        either = exp.Coalesce(this=rows.key(), expressions=[own.copy()])
        return Rows(either, self._aliases, around)

    def _crossed(self, node: exp.Expr) -> exp.Expr:
        """Constants for every scope."""
        alias = node.alias_or_name
        scopes = self._aliases.scopes()
        columns = [
            exp.alias_(resolved_column(alias, name), name)
            for name in self._query.relations[alias].columns.values()
        ]
        key = scope_key(scopes.alias_or_name)
        select = exp.Select(expressions=[key, *columns])
        select.set("from_", exp.From(this=scopes))
        select.set("joins", [exp.Join(this=node, kind="CROSS")])
        return select.subquery(alias, copy=False)


def _is_true(node: exp.Expr) -> bool:
    return isinstance(node, exp.Boolean) and bool(node.this)


def _calls_bounds(node: exp.Expr) -> bool:
    return any(
        isinstance(call, exp.Anonymous) and call.this in (WINDOW_START, WINDOW_END)
        for call in node.walk()
    )
