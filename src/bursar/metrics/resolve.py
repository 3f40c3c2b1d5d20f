"""The resolving pass: what every name in a query means.

Owns the walk over queries, CTEs and clauses. After it every relation's alias is unique, every
column names its relation, every projection has a name, GROUP BY is a list of expressions, and
ORDER BY and LIMIT stand on SELECTs alone. Types are for the next pass.
"""

from __future__ import annotations

from sqlglot import exp

from bursar.metrics.columns import words
from bursar.metrics.frame import FRAME_RELATIONS
from bursar.metrics.grouping import (
    check_grouping,
    having_by_alias,
    refuse_aggregates,
    resolve_grouping,
)
from bursar.metrics.names import Ctes, Names, Sight
from bursar.metrics.observed import Observed
from bursar.metrics.ordering import break_ties, check_limit, resolve_order, resolve_windows
from bursar.metrics.outputs import check_columns, output_name, star
from bursar.metrics.parsing import span_of
from bursar.metrics.problems import Problems, Span
from bursar.metrics.relations import (
    PROPERTIES,
    Relation,
    ResolvedQuery,
    branches,
    column_of,
    is_aggregated,
    projections,
)
from bursar.metrics.sources import find_row_filters, rename, resolve_from, warn_of_cross_join

_MODIFIERS = ("order", "limit", "offset")
_OWN_ENDS = (*_MODIFIERS, "with_")
# Aliases that the lift gives.
_LIFT_RELATIONS = words("grouped bounds limited bound")


def resolve(body: exp.Query, text: str, observed: Observed, problems: Problems) -> ResolvedQuery:
    """Resolves a parsed and allowed query.

    Args:
        body: As parsed; not changed.
        text: The file's text, for the places.
        observed: What has landed.
        problems: Where to add.

    Returns:
        The resolved query; of use only if no error was added.
    """
    query = ResolvedQuery(body.copy(), {}, set(FRAME_RELATIONS) | _LIFT_RELATIONS)
    names = Names(query, text, problems)
    resolver = _Resolver(names)
    query.body = resolver.query(query.body, {}, None)
    if not problems.has_errors:
        break_ties(query, names)
    for relation, key, span in names.property_uses:
        observed.check_property(key, _types_below(relation), span, problems)
    for leaf, event_type, span in resolver.event_type_uses:
        if leaf.event_types is not None and event_type in leaf.event_types:
            observed.check_event_type(event_type, span, problems)
    return query


def _types_below(relation: Relation) -> tuple[str, ...] | None:
    """The event types of the events whose properties a relation passes on; None for any."""
    if relation.is_events or relation.body is None:
        return relation.event_types
    found: set[str] = set()
    for select in branches(relation.body):
        source = select.meta.get("properties_of")
        types = _types_below(source) if source is not None else ()
        if types is None:
            return None
        found |= set(types)
    return tuple(sorted(found))


class _Resolver:
    """Walks the queries from the inside out, renaming in place."""

    def __init__(self, names: Names) -> None:
        self._names = names
        names.subquery = self._subquery
        self.event_type_uses: list[tuple[Relation, str, Span]] = []

    def _subquery(self, body: exp.Query, sight: Sight) -> exp.Query:
        _need_no_names(body)
        return self.query(body, sight.ctes, sight.outer)

    def query(self, body: exp.Query, outer_ctes: Ctes, outer: Sight | None) -> exp.Query:
        """Resolves a query and all below it; the query to put in its place.

        Args:
            body: Changed in place.
            outer_ctes: The CTEs in sight.
            outer: What is seen around it.
        """
        ctes = dict(outer_ctes)
        self._with(body, ctes, outer)
        if isinstance(body, exp.Select):
            self._select(body, ctes, outer)
            return body
        if isinstance(body, exp.Values):
            return self.query(exp.select("*").from_(body), ctes, outer)
        if any(body.args.get(key) for key in _MODIFIERS):
            with_ = body.args.get("with_")
            body.set("with_", None)
            wrapped = self.query(_wrapped(body), ctes, outer)
            wrapped.set("with_", with_)
            return wrapped
        if isinstance(body, exp.Subquery):
            inner = self.query(body.this, ctes, outer)
            _hand_down_with(body, inner)
            return inner
        if isinstance(body, exp.SetOperation):
            self._set_operation(body, ctes, outer)
        return body

    def _with(self, body: exp.Query, ctes: Ctes, outer: Sight | None) -> None:
        with_ = body.args.get("with_")
        seen: set[str] = set()
        for cte in with_.expressions if with_ is not None else ():
            name = cte.alias
            if name.lower() in seen:
                self._names.add("M205", f"The CTE {name} is defined twice.", cte.args["alias"])
            seen.add(name.lower())
            columns = [column.name for column in cte.args["alias"].columns]
            if columns:
                _need_no_names(cte.this)
            # The body sees what stands before it, so that a CTE named `events` reads the events.
            resolved = self.query(cte.this, ctes, outer)
            rename(self._names, resolved, columns)
            cte.set("this", resolved)
            cte.set("materialized", None)
            unique = self._names.query.unique(name.lower())
            cte.set("alias", exp.TableAlias(this=exp.to_identifier(unique)))
            ctes[name.lower()] = (unique, resolved)

    def _set_operation(self, body: exp.SetOperation, ctes: Ctes, outer: Sight | None) -> None:
        if not body.args.get("by_name"):
            _need_no_names(body.expression)
        for key in ("this", "expression"):
            side = self.query(body.args[key], ctes, outer)
            # Nested set operations keep their parentheses, and so do sides with their own order.
            is_bare = isinstance(side, exp.Select) and not any(map(side.args.get, _OWN_ENDS))
            body.set(key, side if is_bare else side.subquery(copy=False))
        left, right = branches(body.this), branches(body.expression)
        if not left or not right:
            return
        if body.args.get("by_name"):
            _align_by_name(left, right)
            body.set("by_name", None)
        widths = [len(select.expressions) for select in (left[0], right[0])]
        passing = [select.meta.get("properties_at") for select in (left[0], right[0])]
        if widths[0] != widths[1]:
            message = f"Both sides need as many columns: {widths[0]} and {widths[1]} here."
            self._names.add("M205", message, right[0])
        elif passing[0] != passing[1]:
            message = "Both sides pass properties on, at the same place, or none does."
            self._names.add("M205", message, right[0])

    def _select(self, select: exp.Select, ctes: Ctes, outer: Sight | None) -> None:
        sight = resolve_from(self._names, select, ctes, outer, self.query)
        if sight is None:
            return
        windows = select.args.get("windows") or []
        resolve_windows(select, windows, self._names)
        self._projections(select, sight)
        where = select.args.get("where")
        if where is not None:
            where.set("this", self._names.expression(where.this, sight))
            refuse_aggregates(where.this, "WHERE", self._names.add)
        for join in select.args.get("joins") or []:
            if join.args.get("on") is not None:
                refuse_aggregates(join.args["on"], "ON", self._names.add)
        find_row_filters(self._names, select, sight)
        warn_of_cross_join(self._names, select)
        for relation in self._names.query.sources(select):
            self._event_types(relation)

        def resolved(node: exp.Expr) -> exp.Expr:
            return self._names.expression(node, sight)

        resolve_grouping(select, resolved, self._names.add)
        for clause in ("having", "qualify"):
            found = select.args.get(clause)
            if found is not None:
                aliased = having_by_alias(found.this, select, sight, self._names.add)
                found.set("this", resolved(aliased))
        resolve_order(select, sight, self._names)
        check_limit(select, self._names)
        if is_aggregated(select):
            own = {relation.alias for relation in self._names.query.sources(select)}
            check_grouping(select, own, self._names.add)

    def _projections(self, select: exp.Select, sight: Sight) -> None:
        """Resolves the projections; what they name is seen from then on."""
        found: list[exp.Expr] = []
        is_named = "needs_no_names" not in select.meta
        for projection in select.expressions:
            passing = star(self._names, projection, sight)
            if passing is not None:
                for relation in sight.relations if passing.is_all else passing.relations:
                    self._pass_properties(select, relation, len(found), projection)
                found += passing.columns
                continue
            relation_passed = self._properties_of(projection, sight)
            if relation_passed is not None:
                self._pass_properties(select, relation_passed, len(found), projection)
                continue
            name = output_name(self._names, projection, len(found), is_needed=is_named)
            inner = projection.unalias() if isinstance(projection, exp.Alias) else projection
            written = inner.copy() if inner.find(exp.Query) is not None else None
            resolved = self._names.expression(inner, sight)
            found.append(self._named(resolved, name, projection))
            if name.lower() not in sight.aliases:
                sight.aliases[name.lower()] = resolved
                if written is not None:
                    sight.written[name.lower()] = written
        if is_named:
            check_columns(self._names, found)
        select.set("expressions", found)

    def _pass_properties(
        self, select: exp.Select, relation: Relation, position: int, node: exp.Expr
    ) -> None:
        if not relation.has_properties:
            return
        if "properties_of" in select.meta:
            message = "Two columns are called properties: name the tables, such as a.*."
            self._names.add("M111", message, node)
        select.meta["properties_of"] = relation
        select.meta["properties_at"] = position

    def _properties_of(self, projection: exp.Expr, sight: Sight) -> Relation | None:
        """The relation whose properties a column passes on as a whole."""
        if not isinstance(projection, exp.Column) or projection.name.lower() != PROPERTIES:
            return None
        if projection.table:
            relation = sight.named(projection.table)
            is_column = relation is not None and PROPERTIES in relation.columns
            return relation if relation and relation.has_properties and not is_column else None
        if any(PROPERTIES in relation.columns for relation in sight.relations):
            return None
        holders = [relation for relation in sight.relations if relation.has_properties]
        return holders[0] if len(holders) == 1 else None

    def _named(self, resolved: exp.Expr, name: str, written: exp.Expr) -> exp.Alias:
        identifier = exp.to_identifier(name)
        span = span_of(written, self._names.text)
        if span is not None:
            identifier.meta.update(start=span.start, end=span.end - 1)
        return exp.Alias(this=resolved, alias=identifier)

    def _event_types(self, leaf: Relation) -> None:
        """Reads the event types off `event_type = 'a'` and `event_type in (...)`."""
        if not leaf.is_events:
            return
        found: set[str] | None = None
        for condition in leaf.row_filter:
            literals = _event_type_literals(condition, leaf)
            if literals is None:
                continue
            for literal in literals:
                span = span_of(literal, self._names.text) or Span(0, 1)
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


def _wrapped(body: exp.Query) -> exp.Select:
    """A query with ORDER BY and LIMIT as a SELECT from it, which has them instead."""
    modifiers = {key: body.args.get(key) for key in _MODIFIERS}
    for key in _MODIFIERS:
        body.set(key, None)
    inner = body.this if isinstance(body, exp.Subquery) else body
    select = exp.select("*").from_(inner.subquery("combined", copy=False))
    for key, value in modifiers.items():
        select.set(key, value)
    if "needs_no_names" in branches(inner)[0].meta:
        select.meta["needs_no_names"] = True
    return select


def _need_no_names(body: exp.Expr) -> None:
    """Says that nobody reads a query's columns by the names that it gives them."""
    for select in branches(body):
        select.meta["needs_no_names"] = True


def _hand_down_with(outer: exp.Query, inner: exp.Query) -> None:
    """Moves CTEs from around parentheses to the query inside them."""
    with_ = outer.args.get("with_")
    if with_ is None:
        return
    own = inner.args.get("with_")
    ctes = [*with_.expressions, *(own.expressions if own is not None else [])]
    inner.set("with_", exp.With(expressions=ctes))


def _align_by_name(left: list[exp.Select], right: list[exp.Select]) -> None:
    """Gives both sides the same columns in the same order, null where one lacks a column."""
    names = [p.alias_or_name for p in projections(left[0])]
    others = [p.alias_or_name for p in projections(right[0])]
    folded = {name.lower() for name in names}
    every = [*names, *(name for name in others if name.lower() not in folded)]
    for selects in (left, right):
        own = [p.alias_or_name.lower() for p in projections(selects[0])]
        for select in selects:
            by_name = dict(zip(own, select.expressions, strict=True))
            found = [
                by_name.get(name.lower()) or exp.alias_(exp.Null(), name, copy=False)
                for name in every
            ]
            select.set("expressions", found)
