"""The resolving pass: what every name in a query means.

Owns tables, CTEs, aliases, columns, properties, stars, aliases used as expressions, and what GROUP
BY groups by. After it every relation's alias is unique, every column names its relation, every
projection has a name, and GROUP BY is a list of expressions. Types are for the next pass.
"""

from __future__ import annotations

from sqlglot import exp

from bursar.metrics.frame import FRAME_RELATIONS
from bursar.metrics.grouping import (
    check_grouping,
    having_by_alias,
    refuse_aggregates,
    resolve_grouping,
)
from bursar.metrics.observed import Observed
from bursar.metrics.parsing import span_of
from bursar.metrics.problems import Problems, Span
from bursar.metrics.refusals import FILE_MARKS
from bursar.metrics.relations import (
    EVENT_COLUMNS,
    PROPERTIES,
    SCOPE_KEY,
    VALUE,
    Relation,
    ResolvedQuery,
    column_of,
    conjuncts,
    is_aggregated,
    text_column,
)
from bursar.words import listed, nearest

# An alias stands for its expression, so that aliases of aliases can grow without bound.
COPIED_NODES_MAX = 20_000
_RESERVED_COLUMNS = frozenset({SCOPE_KEY})


def resolve(select: exp.Select, text: str, observed: Observed, problems: Problems) -> ResolvedQuery:
    """Resolves a parsed and allowed query.

    Args:
        select: As parsed; not changed.
        text: The file's text, for the places.
        observed: What has landed.
        problems: Where to add.

    Returns:
        The resolved query; of use only if no error was added.
    """
    query = ResolvedQuery(select.copy(), {})
    resolver = _Resolver(query, text, problems)
    resolver.select(query.select, {})
    for relation, key, span in resolver.property_uses:
        observed.check_property(key, _types_below(query, relation), span, problems)
    for leaf, event_type, span in resolver.event_type_uses:
        if leaf.event_types is not None and event_type in leaf.event_types:
            observed.check_event_type(event_type, span, problems)
    return query


def _types_below(query: ResolvedQuery, relation: Relation) -> tuple[str, ...] | None:
    while relation.select is not None:
        relation = query.source(relation.select)
    return relation.event_types


class _Resolver:
    """Walks the SELECTs from the inside out, renaming in place."""

    def __init__(self, query: ResolvedQuery, text: str, problems: Problems) -> None:
        self._query = query
        self._text = text
        self._problems = problems
        self._taken = set(FRAME_RELATIONS)
        self._copied = 0
        self.property_uses: list[tuple[Relation, str, Span]] = []
        self.event_type_uses: list[tuple[Relation, str, Span]] = []

    def select(self, select: exp.Select, outer: dict[str, tuple[str, exp.Select]]) -> None:
        """Resolves one SELECT and all below it.

        Args:
            select: Changed in place.
            outer: The CTEs in sight: lower-case name to unique name and SELECT.
        """
        ctes = dict(outer)
        self._with(select, ctes)
        relation = self._from(select, ctes)
        if relation is None:
            return
        aliases = self._projections(select, relation)
        where = select.args.get("where")
        if where is not None:
            where.set("this", self._expression(where.this, relation, aliases))
            refuse_aggregates(where.this, "WHERE", self._add)
        if relation.is_events:
            relation.row_filter = conjuncts(where.this if where is not None else None)
            self._event_types(relation)

        def resolved(node: exp.Expr) -> exp.Expr:
            return self._expression(node, relation, aliases)

        resolve_grouping(select, resolved, self._add)
        having = select.args.get("having")
        if having is not None:
            aliased = having_by_alias(having.this, select, relation, aliases, self._add)
            having.set("this", resolved(aliased))
        if is_aggregated(select):
            check_grouping(select, self._add)

    def _add(self, code: str, message: str, node: exp.Expr) -> None:
        self._problems.add(code, message, span_of(node, self._text))

    def _unique(self, name: str) -> str:
        candidate, number = name, 2
        while candidate.lower() in self._taken:
            candidate, number = f"{name}_{number}", number + 1
        self._taken.add(candidate.lower())
        return candidate

    def _with(self, select: exp.Select, ctes: dict[str, tuple[str, exp.Select]]) -> None:
        with_ = select.args.get("with_")
        seen: set[str] = set()
        for cte in with_.expressions if with_ is not None else ():
            name = cte.alias
            if name.lower() in seen:
                self._add("M205", f"The CTE {name} is defined twice.", cte.args["alias"])
            seen.add(name.lower())
            if not isinstance(cte.this, exp.Select):
                self._add("M501", "A CTE is one SELECT so far.", cte.args["alias"])
                continue
            # The body sees what stands before it, so that a CTE named `events` reads the events.
            self.select(cte.this, ctes)
            unique = self._unique(name.lower())
            cte.set("alias", exp.TableAlias(this=exp.to_identifier(unique)))
            ctes[name.lower()] = (unique, cte.this)

    def _from(self, select: exp.Select, ctes: dict[str, tuple[str, exp.Select]]) -> Relation | None:
        from_ = select.args.get("from_")
        if from_ is None:
            self._add(
                "M501", "A SELECT reads events, a CTE or a derived table: FROM is missing.", select
            )
            return None
        source = from_.this
        author_alias = source.alias or ("" if isinstance(source, exp.Subquery) else source.name)
        if author_alias.lower() == PROPERTIES:
            self._add(
                "M106", "A table cannot be called properties: its columns would hide.", source
            )
        if isinstance(source, exp.Subquery):
            if not isinstance(source.this, exp.Select):
                self._add("M501", "A derived table is one SELECT so far.", source)
                return None
            self.select(source.this, ctes)
            relation = self._relation(author_alias or "derived", source.this)
            from_.set("this", source.this.subquery(relation.alias, copy=False))
            return relation
        name = source.name
        if source.args.get("db") or not isinstance(source.this, exp.Identifier):
            return None  # refused already
        if name.lower() in ctes:
            unique, behind = ctes[name.lower()]
            relation = self._relation(author_alias, behind)
            table = exp.to_table(exp.to_identifier(unique).sql("duckdb"))
        elif name.lower() == "events":
            relation = self._events(author_alias)
            table = exp.to_table("scope_events")
        elif not any(mark in name for mark in FILE_MARKS):
            names = ["events", *(unique for unique, _ in ctes.values())]
            message = f"There is no table {name}. A metric reads events.{nearest(name, names)}"
            self._add("M101", message, source)
            return None
        else:
            return None  # a file, refused already
        from_.set("this", exp.alias_(table, relation.alias, table=True))
        return relation

    def _events(self, author_alias: str) -> Relation:
        alias = self._unique(author_alias.lower())
        columns = {name: name for name in EVENT_COLUMNS}
        relation = Relation(alias, author_alias.lower(), None, columns, has_properties=True)
        self._query.relations[alias] = relation
        return relation

    def _relation(self, author_alias: str, select: exp.Select) -> Relation:
        alias = self._unique(author_alias.lower())
        carried = set(select.meta.get("carried", {}).values())
        names = [p.alias_or_name for p in select.expressions if p.alias_or_name not in carried]
        relation = Relation(
            alias,
            author_alias.lower(),
            select,
            {name.lower(): name for name in names},
            has_properties=bool(select.meta.get("has_properties")),
        )
        self._query.relations[alias] = relation
        return relation

    def _projections(self, select: exp.Select, relation: Relation) -> dict[str, exp.Expr]:
        """Resolves the projections; their expressions by lower-case alias."""
        aliases: dict[str, exp.Expr] = {}
        projections: list[exp.Expr] = []
        for projection in select.expressions:
            if self._is_star(projection, relation):
                select.meta["has_properties"] = relation.has_properties
                for name in relation.columns.values():
                    projections.append(exp.alias_(column_of(relation, name), name, quoted=False))
                continue
            if self._is_properties(projection, relation):
                select.meta["has_properties"] = True
                continue
            name = self._output_name(projection)
            inner = projection.unalias() if isinstance(projection, exp.Alias) else projection
            resolved = self._expression(inner, relation, aliases)
            projections.append(self._named(resolved, name, projection))
            aliases.setdefault(name.lower(), resolved)
        self._check_names(projections)
        select.set("expressions", projections)
        return aliases

    def _is_star(self, projection: exp.Expr, relation: Relation) -> bool:
        if isinstance(projection, exp.Star):
            return True
        if not isinstance(projection, exp.Column) or not isinstance(projection.this, exp.Star):
            return False
        if projection.table.lower() != relation.author_alias:
            what = "properties.* is refused: name the properties."
            if projection.table.lower() != PROPERTIES:
                what = (
                    f"There is no table {projection.table} "
                    f"here.{nearest(projection.table, [relation.author_alias])}"
                )
            self._add("M101", what, projection)
        return True

    def _is_properties(self, projection: exp.Expr, relation: Relation) -> bool:
        if not isinstance(projection, exp.Column) or not relation.has_properties:
            return False
        if projection.name.lower() != PROPERTIES or PROPERTIES in relation.columns:
            return False
        return projection.table.lower() in ("", relation.author_alias)

    def _output_name(self, projection: exp.Expr) -> str:
        name = projection.alias_or_name
        if name.lower() in _RESERVED_COLUMNS:
            self._add(
                "M106", f"A column cannot be called {name}: Bursar uses the name.", projection
            )
        if not isinstance(projection, exp.Alias | exp.Column) or not name:
            self._add(
                "M110", "This column has no name: add `as value`, or another name.", projection
            )
            return name or "unnamed"
        return VALUE if name.lower() == VALUE else name

    def _named(self, resolved: exp.Expr, name: str, written: exp.Expr) -> exp.Alias:
        identifier = exp.to_identifier(name)
        span = span_of(written, self._text)
        if span is not None:
            identifier.meta.update(start=span.start, end=span.end - 1)
        return exp.Alias(this=resolved, alias=identifier)

    def _check_names(self, projections: list[exp.Expr]) -> None:
        seen: set[str] = set()
        for projection in projections:
            name = projection.alias_or_name.lower()
            if name in seen:
                self._add("M111", f"Two columns are called {name}: rename one.", projection)
            seen.add(name)

    def _expression(
        self, node: exp.Expr, relation: Relation, aliases: dict[str, exp.Expr]
    ) -> exp.Expr:
        """An expression with its columns resolved; aliases stand for what they name."""
        if isinstance(node, exp.Column):
            is_done = node.meta.get("is_resolved")
            return node if is_done else self._column(node, relation, aliases)
        for key, value in list(node.args.items()):
            if isinstance(value, exp.Expr):
                node.set(key, self._expression(value, relation, aliases))
            elif isinstance(value, list):
                node.set(
                    key,
                    [
                        self._expression(v, relation, aliases) if isinstance(v, exp.Expr) else v
                        for v in value
                    ],
                )
        return node

    def _column(
        self, node: exp.Column, relation: Relation, aliases: dict[str, exp.Expr]
    ) -> exp.Expr:
        parts = [part.name for part in node.parts]
        own = relation.author_alias
        if len(parts) > 1 and parts[0].lower() == own:
            parts = parts[1:]
            aliases = {}
        folded = parts[0].lower()
        if len(parts) == 1:
            return self._plain_column(node, parts[0], relation, aliases)
        if folded == PROPERTIES:
            return self._property(node, parts, relation)
        if folded in relation.columns or folded in EVENT_COLUMNS:
            self._add("M102", f"{parts[0]} has no parts: it is a plain column.", node)
        else:
            known = [own, PROPERTIES]
            message = f"There is no table {parts[0]} here.{nearest(parts[0], known)}"
            self._add("M101", message, node)
        return node

    def _plain_column(
        self,
        node: exp.Column,
        name: str,
        relation: Relation,
        aliases: dict[str, exp.Expr],
    ) -> exp.Expr:
        folded = name.lower()
        if folded in relation.columns:
            return self._placed(column_of(relation, relation.columns[folded]), node)
        if folded in aliases:
            found = aliases[folded].copy()
            self._copied += sum(1 for _ in found.walk())
            if self._copied > COPIED_NODES_MAX:
                message = "Aliases of aliases make this query too large: use CTEs."
                self._add("M205", message, node)
                return node
            return found if isinstance(found, exp.Column | exp.Func) else exp.Paren(this=found)
        if folded == PROPERTIES and relation.has_properties:
            self._add(
                "M205", "properties is not a value: read one property, properties.<key>.", node
            )
            return node
        names = list(relation.columns.values())
        hint = nearest(name, names)
        message = f"There is no column {name} here.{hint or f' Columns: {listed(sorted(names))}.'}"
        if relation.has_properties and not hint:
            message += f"\nA property is read as properties.{name}."
        self._add("M102", message, node)
        return node

    def _property(self, node: exp.Column, parts: list[str], relation: Relation) -> exp.Expr:
        if len(parts) > 2:
            message = f"Properties are flat: there is no {'.'.join(parts[1:])} in {parts[1]}."
            self._add("M105", message, node)
            return node
        key = parts[1]
        name = text_column(self._query, relation, key)
        if name is None:
            what = relation.author_alias or "the derived table"
            message = (
                f"{what} does not pass properties on: select properties.{key} in it, with a name."
            )
            self._add("M102", message, node)
            return node
        self.property_uses.append((relation, key, span_of(node, self._text) or Span(0, 1)))
        return self._placed(column_of(relation, name), node)

    def _placed(self, column: exp.Column, written: exp.Column) -> exp.Column:
        span = span_of(written, self._text)
        if span is not None:
            column.this.meta.update(start=span.start, end=span.end - 1)
        return column

    def _event_types(self, leaf: Relation) -> None:
        """Reads the event types off `event_type = 'a'` and `event_type in (...)` in the WHERE."""
        found: set[str] | None = None
        for condition in leaf.row_filter:
            literals = _event_type_literals(condition, leaf)
            if literals is None:
                continue
            for literal in literals:
                span = span_of(literal, self._text) or Span(0, 1)
                self.event_type_uses.append((leaf, literal.name, span))
            names = {literal.name for literal in literals}
            found = names if found is None else found & names
        leaf.event_types = None if found is None else tuple(sorted(found))


def _event_type_literals(condition: exp.Expr, leaf: Relation) -> list[exp.Literal] | None:
    column = column_of(leaf, "event_type")
    if isinstance(condition, exp.EQ):
        sides = (condition.this, condition.expression)
        for left, right in (sides, sides[::-1]):
            if left == column and isinstance(right, exp.Literal) and right.is_string:
                return [right]
    if isinstance(condition, exp.In) and condition.this == column:
        items = condition.expressions
        if items and all(isinstance(i, exp.Literal) and i.is_string for i in items):
            return list(items)
    return None
