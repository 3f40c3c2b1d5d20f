"""Resolving names: which relation a column is of, and what an alias stands for.

Owns columns, properties and aliases within the sight of one SELECT and of those around it. What
stands in a FROM is ``bursar.metrics.sources``'.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlglot import exp

from bursar.errors import Severity
from bursar.metrics.parsing import span_of
from bursar.metrics.passing import text_column
from bursar.metrics.problems import Problems, Span
from bursar.metrics.relations import (
    EVENT_COLUMNS,
    PROPERTIES,
    Relation,
    ResolvedQuery,
    column_of,
)
from bursar.words import listed, nearest

# An alias stands for its expression, so that aliases of aliases can grow without bound.
COPIED_NODES_MAX = 20_000

# A CTE in sight: its unique name and its query.
Ctes = dict[str, tuple[str, exp.Query]]


@dataclass(eq=False)
class Sight:
    """What names mean at one place of a query.

    Args:
        ctes: By lower-case name.
        outer: What is seen around the query at hand, for correlated columns.
        relations: The relations of the FROM so far.
        merged: The columns of USING, which belong to no one relation.
        aliases: The SELECT's columns so far, as resolved expressions by lower-case name.
        written: The same as the author wrote them, for those that hold a query.
    """

    ctes: Ctes
    outer: Sight | None = None
    relations: list[Relation] = field(default_factory=list)
    merged: dict[str, exp.Expr] = field(default_factory=dict)
    aliases: dict[str, exp.Expr] = field(default_factory=dict)
    written: dict[str, exp.Expr] = field(default_factory=dict)

    def named(self, author_alias: str) -> Relation | None:
        """The relation that the author calls so."""
        return next((r for r in self.relations if r.author_alias == author_alias.lower()), None)

    def plain(self, name: str) -> exp.Expr | None:
        """A column by its bare name; None if no relation, or more than one, has it."""
        if name.lower() in self.merged:
            return self.merged[name.lower()].copy()
        found = [r for r in self.relations if name.lower() in r.columns]
        return column_of(found[0], found[0].columns[name.lower()]) if len(found) == 1 else None


class Names:
    """The state of resolving: the query in the making and the problems so far."""

    def __init__(self, query: ResolvedQuery, text: str, problems: Problems) -> None:
        self.query = query
        self.text = text
        self._problems = problems
        self._copied = 0
        self.property_uses: list[tuple[Relation, str, Span]] = []
        # Resolves a query below an expression; set by ``bursar.metrics.resolve``.
        self.subquery: Callable[[exp.Query, Sight], exp.Query] = lambda body, _: body

    def add(
        self, code: str, message: str, node: exp.Expr, *, severity: Severity = Severity.ERROR
    ) -> None:
        """Adds a problem at a node's place, or that of the nearest node above that has one."""
        current: exp.Expr | None = node
        span = None
        while current is not None and span is None:
            span = span_of(current, self.text)
            current = current.parent
        self._problems.add(code, message, span, severity=severity)

    def expression(self, node: exp.Expr, sight: Sight) -> exp.Expr:
        """An expression with its columns resolved; aliases stand for what they name."""
        if isinstance(node, exp.Column):
            return node if node.meta.get("is_resolved") else self._column(node, sight)
        if isinstance(node, exp.Query):
            inner = node.this if isinstance(node, exp.Subquery) else node
            resolved = self.subquery(inner, Sight(sight.ctes, _without_aliases(sight)))
            return resolved.subquery(copy=False) if isinstance(node, exp.Subquery) else resolved
        for key, value in list(node.args.items()):
            if isinstance(value, exp.Expr):
                node.set(key, self.expression(value, sight))
            elif isinstance(value, list):
                items = [self.expression(v, sight) if isinstance(v, exp.Expr) else v for v in value]
                node.set(key, items)
        return node

    def _column(self, node: exp.Column, sight: Sight) -> exp.Expr:
        parts = [part.name for part in node.parts]
        current: Sight | None = sight
        while current is not None and len(parts) > 1:
            relation = current.named(parts[0])
            if relation is not None:
                return self._of_relation(node, parts[1:], relation)
            current = current.outer
        if len(parts) == 1:
            return self._plain_column(node, parts[0], sight)
        if parts[0].lower() == PROPERTIES:
            return self._bare_property(node, parts, sight)
        known = [r.author_alias for r in sight.relations]
        columns = {name for r in sight.relations for name in r.columns}
        if parts[0].lower() in columns or parts[0].lower() in EVENT_COLUMNS:
            self.add("M102", f"{parts[0]} has no parts: it is a plain column.", node)
        else:
            hint = nearest(parts[0], [*known, PROPERTIES])
            self.add("M101", f"There is no table {parts[0]} here.{hint}", node)
        return node

    def _of_relation(self, node: exp.Column, parts: list[str], relation: Relation) -> exp.Expr:
        folded = parts[0].lower()
        if folded == PROPERTIES and len(parts) > 1:
            return self._property(node, parts, relation)
        if len(parts) > 1:
            self.add("M102", f"{parts[0]} has no parts: it is a plain column.", node)
            return node
        if folded in relation.columns:
            return self._placed(column_of(relation, relation.columns[folded]), node)
        return self._unknown(node, parts[0], [relation])

    def _plain_column(self, node: exp.Column, name: str, sight: Sight) -> exp.Expr:
        folded = name.lower()
        current: Sight | None = sight
        while current is not None:
            holders = [r.author_alias for r in current.relations if folded in r.columns]
            found = current.plain(name)
            if found is not None:
                return self._placed(found, node)
            if len(holders) > 1:
                both = " and in ".join(holders[:2])
                message = f"{name} is in {both}: say which, such as {holders[0]}.{name}."
                self.add("M102", message, node)
                return node
            if folded in current.aliases:
                return self._alias(node, folded, current)
            current = current.outer
        if folded == PROPERTIES and any(r.has_properties for r in sight.relations):
            self.add(
                "M205", "properties is not a value: read one property, properties.<key>.", node
            )
            return node
        return self._unknown(node, name, sight.relations)

    def _alias(self, node: exp.Column, folded: str, sight: Sight) -> exp.Expr:
        found = sight.aliases[folded]
        if folded in sight.written:
            # A query's aliases must be unlike any other's, so it is resolved anew.
            found = self.expression(sight.written[folded].copy(), sight)
        else:
            found = found.copy()
        self._copied += sum(1 for _ in found.walk())
        if self._copied > COPIED_NODES_MAX:
            self.add("M205", "Aliases of aliases make this query too large: use CTEs.", node)
            return node
        is_closed = isinstance(found, exp.Column | exp.Func | exp.Subquery | exp.Window)
        return found if is_closed else exp.Paren(this=found)

    def _unknown(self, node: exp.Column, name: str, relations: list[Relation]) -> exp.Expr:
        known = sorted({column for r in relations for column in r.columns.values()})
        hint = nearest(name, known)
        columns = f" Columns: {listed(known)}." if known else ""
        message = f"There is no column {name} here.{hint or columns}"
        if any(r.has_properties for r in relations) and not hint:
            message += f"\nA property is read as properties.{name}."
        self.add("M102", message, node)
        return node

    def _bare_property(self, node: exp.Column, parts: list[str], sight: Sight) -> exp.Expr:
        current: Sight | None = sight
        while current is not None:
            holders = [r for r in current.relations if r.has_properties]
            if len(holders) == 1:
                return self._property(node, parts, holders[0])
            if holders:
                aliases = [r.author_alias for r in holders]
                message = (
                    f"{aliases[0]} and {aliases[1]} both have properties: say which, such as "
                    f"{aliases[0]}.{'.'.join(parts)}."
                )
                self.add("M102", message, node)
                return node
            current = current.outer
        if sight.relations:
            return self._property(node, parts, sight.relations[0])
        self.add("M101", f"There is no table {parts[0]} here.", node)
        return node

    def _property(self, node: exp.Column, parts: list[str], relation: Relation) -> exp.Expr:
        if len(parts) > 2:
            message = f"Properties are flat: there is no {'.'.join(parts[1:])} in {parts[1]}."
            self.add("M105", message, node)
            return node
        key = parts[1]
        name = text_column(self.query, relation, key)
        if name is None:
            what = relation.author_alias or "the derived table"
            message = (
                f"{what} does not pass properties on: select properties.{key} in it, with a name."
            )
            self.add("M102", message, node)
            return node
        self.property_uses.append((relation, key, span_of(node, self.text) or Span(0, 1)))
        return self._placed(column_of(relation, name), node)

    def _placed(self, found: exp.Expr, written: exp.Column) -> exp.Expr:
        span = span_of(written, self.text)
        if span is not None and isinstance(found, exp.Column):
            found.this.meta.update(start=span.start, end=span.end - 1)
        return found


def _without_aliases(sight: Sight) -> Sight:
    """What a query below sees of a SELECT: its relations, not its columns' names."""
    return Sight(sight.ctes, sight.outer, sight.relations, sight.merged)
