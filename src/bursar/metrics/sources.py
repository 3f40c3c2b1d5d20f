"""Resolving FROM: tables, joins and constants, each under an alias of its own.

Owns what may stand in a FROM, USING, and which rows of the events a SELECT can be without. Names
in expressions are ``bursar.metrics.names``'.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from bursar.errors import Severity
from bursar.metrics.names import Ctes, Names, Sight
from bursar.metrics.passing import carried_names
from bursar.metrics.refusals import FILE_MARKS
from bursar.metrics.relations import (
    EVENT_COLUMNS,
    PROPERTIES,
    Relation,
    branches,
    column_of,
    conjuncts,
    is_union_all,
    projections,
)
from bursar.words import nearest

# Resolves a derived table's query in a sight.
ResolveQuery = Callable[[exp.Query, Ctes, Sight | None], exp.Query]

# Pairs of events can be borne; triples cannot.
_UNTIED_MAX = 2
_NO_JOIN_ON = ("CROSS",)
_HIDDEN = ("SEMI", "ANTI")


def resolve_from(
    names: Names, select: exp.Select, ctes: Ctes, outer: Sight | None, resolve: ResolveQuery
) -> Sight | None:
    """Resolves a SELECT's FROM in place; what its expressions see, or None if nothing is known."""
    sight = Sight(ctes, outer)
    from_ = select.args.get("from_")
    if from_ is None:
        return sight
    source = _Source(names, ctes, resolve)
    node, relation = source.resolved(from_.this, sight)
    from_.set("this", node)
    is_known = relation is not None
    if relation is not None:
        sight.relations.append(relation)
    since_comma = 0
    for join in select.args.get("joins") or []:
        is_comma = not any(join.args.get(k) for k in ("side", "kind", "method", "on", "using"))
        if is_comma:
            since_comma = len(sight.relations)
        node, relation = source.resolved(join.this, sight)
        join.set("this", node)
        if relation is None:
            is_known = False
            continue
        _join(names, join, relation, sight, since_comma, is_comma=is_comma)
    return sight if is_known else None


def _join(
    names: Names, join: exp.Join, relation: Relation, sight: Sight, since: int, *, is_comma: bool
) -> None:
    side, kind = join.side, join.kind
    if since and side in ("RIGHT", "FULL"):
        message = "A comma and a RIGHT or FULL JOIN in one FROM: write CROSS JOIN for the comma."
        names.add("M501", message, join.this)
    if any(r.author_alias == relation.author_alias for r in sight.relations):
        message = f"Two tables are called {relation.author_alias}: give one an alias."
        names.add("M101", message, join.this)
    on_sight = Sight(sight.ctes, sight.outer, [*sight.relations[since:], relation])
    on_sight.merged = dict(sight.merged)
    on = join.args.get("on")
    using = join.args.get("using") or []
    if using:
        join.set("on", _using(names, join, using, relation, sight))
        join.set("using", None)
    elif on is not None:
        join.set("on", names.expression(on, on_sight))
    elif kind not in _NO_JOIN_ON and not is_comma:
        names.add("M205", "A JOIN needs ON or USING.", join.this)
    if is_comma:
        join.set("kind", "CROSS")
    if kind not in _HIDDEN:
        sight.relations.append(relation)


def _using(
    names: Names, join: exp.Join, using: list[exp.Expr], relation: Relation, sight: Sight
) -> exp.Expr | None:
    """The condition of USING; its columns are merged from then on."""
    conditions: list[exp.Expr] = []
    for number, column in enumerate(using):
        name = column.name.lower()
        left = sight.plain(name)
        if left is None or name not in relation.columns:
            names.add("M102", f"USING takes a column of both sides; {column.name} is not.", column)
            continue
        right: exp.Expr = column_of(relation, relation.columns[name])
        is_last = join.method == "ASOF" and number == len(using) - 1
        conditions.append((exp.GTE if is_last else exp.EQ)(this=left, expression=right))
        merged = {"RIGHT": right, "FULL": exp.Coalesce(this=left, expressions=[right])}
        sight.merged[name] = merged.get(join.side, left).copy()
    return exp.and_(*conditions) if conditions else None


class _Source:
    """One thing in a FROM."""

    def __init__(self, names: Names, ctes: Ctes, resolve: ResolveQuery) -> None:
        self._names = names
        self._ctes = ctes
        self._resolve = resolve

    def resolved(self, node: exp.Expr, sight: Sight) -> tuple[exp.Expr, Relation | None]:
        """A resolved source and its relation; None if it is unknown, which has been told."""
        alias = node.args.get("alias")
        columns = [c.name for c in alias.args.get("columns") or []] if alias is not None else []
        if alias is not None and node.alias.lower() == PROPERTIES:
            message = "A table cannot be called properties: its columns would hide."
            self._names.add("M106", message, node)
        around = Sight(sight.ctes, sight.outer, list(sight.relations), dict(sight.merged))
        if isinstance(node, exp.Lateral):
            inner = node.this
            name = node.alias
            if isinstance(inner, exp.Subquery):
                return self._derived(inner, name, columns, around)
            return self._series(inner, name, columns, around)
        if isinstance(node, exp.Values):
            return self._values(node, columns, around)
        if isinstance(node, exp.Unnest):
            return self._series(node, node.alias, columns, around)
        if isinstance(node, exp.Table) and isinstance(node.this, exp.GenerateSeries):
            return self._series(node.this, node.alias, columns, around)
        if isinstance(node, exp.Subquery):
            return self._derived(node, node.alias, columns, around)
        return self._table(node, columns)

    def _derived(
        self, node: exp.Subquery, name: str, columns: list[str], around: Sight
    ) -> tuple[exp.Expr, Relation | None]:
        if not isinstance(node.this, exp.Query):
            message = "Joins in parentheses are refused: write a derived table, with a name."
            self._names.add("M501", message, node)
            return node, None
        for select in branches(node.this) if columns else []:
            select.meta["needs_no_names"] = True
        body = self._resolve(node.this, self._ctes, around)
        rename(self._names, body, columns)
        relation = self._relation(name or "derived", body)
        return body.subquery(relation.alias, copy=False), relation

    def _table(self, node: exp.Expr, columns: list[str]) -> tuple[exp.Expr, Relation | None]:
        name = node.name
        if node.args.get("db") or not isinstance(node.this, exp.Identifier):
            return node, None  # refused already
        author_alias = node.alias or name
        if name.lower() == PROPERTIES and not node.alias:
            message = "A table cannot be called properties: its columns would hide."
            self._names.add("M106", message, node)
        if columns:
            message = "Column names after a table's alias are refused: name them in a SELECT."
            self._names.add("M501", message, node)
        if name.lower() in self._ctes:
            unique, body = self._ctes[name.lower()]
            relation = self._relation(author_alias, body)
            table_name = unique
        elif name.lower() == "events":
            relation = self._events(author_alias)
            table_name = "scope_events"
        elif not any(mark in name for mark in FILE_MARKS):
            known = ["events", *(unique for unique, _ in self._ctes.values())]
            message = f"There is no table {name}. A metric reads events.{nearest(name, known)}"
            self._names.add("M101", message, node)
            return node, None
        else:
            return node, None  # a file, refused already
        identifier = exp.to_identifier(table_name)
        identifier.meta.update(node.this.meta)
        alias = exp.TableAlias(this=exp.to_identifier(relation.alias))
        return exp.Table(this=identifier, alias=alias), relation

    def _events(self, author_alias: str) -> Relation:
        alias = self._names.query.unique(author_alias.lower())
        columns = {name: name for name in EVENT_COLUMNS}
        relation = Relation(
            alias, author_alias.lower(), None, columns, has_properties=True, is_events=True
        )
        self._names.query.relations[alias] = relation
        return relation

    def _relation(self, author_alias: str, body: exp.Query) -> Relation:
        alias = self._names.query.unique(author_alias.lower())
        passed_on = carried_names(body)
        columns = [p.alias_or_name for p in projections(body) if p.alias_or_name not in passed_on]
        passing = ["properties_of" in select.meta for select in branches(body)]
        relation = Relation(
            alias,
            author_alias.lower(),
            body,
            {name.lower(): name for name in columns},
            has_properties=bool(passing) and all(passing) and is_union_all(body),
        )
        self._names.query.relations[alias] = relation
        return relation

    def _constants(self, author_alias: str, columns: list[str]) -> Relation:
        alias = self._names.query.unique(author_alias.lower())
        relation = Relation(alias, author_alias.lower(), None, {c.lower(): c for c in columns})
        self._names.query.relations[alias] = relation
        return relation

    def _values(
        self, node: exp.Values, columns: list[str], around: Sight
    ) -> tuple[exp.Expr, Relation | None]:
        rows = [r.expressions if isinstance(r, exp.Tuple) else [r] for r in node.expressions]
        width = len(rows[0])
        if any(len(row) != width for row in rows) or len(columns) > width:
            self._names.add("M205", f"Every row of VALUES has {width} columns.", node)
            return node, None
        listed = [*columns, *(f"col{n}" for n in range(len(columns), width))]
        relation = self._constants(node.alias or "values_", listed)
        tuples = [
            exp.Tuple(expressions=[self._names.expression(v, around) for v in row]) for row in rows
        ]
        return _aliased(exp.Values(expressions=tuples), relation), relation

    def _series(
        self, node: exp.Expr, name: str, columns: list[str], around: Sight
    ) -> tuple[exp.Expr, Relation | None]:
        items = node.expressions if isinstance(node, exp.Unnest) else [node]
        if len(items) != 1 or len(columns) > 1 or node.args.get("offset"):
            self._names.add("M205", "UNNEST takes one list here and gives one column.", node)
            return node, None
        default = "unnest"
        if isinstance(items[0], exp.GenerateSeries) and not isinstance(node, exp.Unnest):
            default = "range" if items[0].args.get("is_end_exclusive") else "generate_series"
        relation = self._constants(name or default, columns or [default])
        resolved = self._names.expression(items[0], around)
        return _aliased(exp.Unnest(expressions=[resolved]), relation), relation


def _aliased(node: exp.Expr, relation: Relation) -> exp.Expr:
    columns = [exp.to_identifier(name) for name in relation.columns.values()]
    alias = exp.TableAlias(this=exp.to_identifier(relation.alias), columns=columns)
    node.set("alias", alias)
    return node


def rename(names: Names, body: exp.Query, columns: list[str]) -> None:
    """Gives a query's columns other names, as in `with totals(day, total) as (...)`."""
    found = projections(body)
    if len(columns) > len(found):
        names.add("M205", f"The query has {len(found)} columns, not {len(columns)}.", body)
        return
    for projection, column in zip(found, columns, strict=False):
        projection.set("alias", exp.to_identifier(column))


def find_row_filters(names: Names, select: exp.Select, sight: Sight) -> None:
    """Notes for each of a SELECT's events what a row must meet to be of any use to it."""
    where = select.args.get("where")
    conditions = conjuncts(where.this if where is not None else None)
    optional: set[str] = set()
    joined: dict[str, list[exp.Expr]] = {}
    aliases = [relation.alias for relation in sight.relations[:1]]
    for join in select.args.get("joins") or []:
        alias = join.this.alias_or_name
        on = [] if join.method == "ASOF" else conjuncts(join.args.get("on"))
        if join.side in ("RIGHT", "FULL"):
            optional.update(aliases)
        if join.side in ("LEFT", "FULL"):
            optional.add(alias)
        if join.side != "FULL":
            readers = {"LEFT": [alias], "RIGHT": list(aliases)}.get(join.side, [*aliases, alias])
            # An ANTI JOIN keeps what does not match.
            readers = [alias] if join.kind == "ANTI" else readers
            for reader in readers:
                joined.setdefault(reader, []).extend(on)
        aliases.append(alias)
    for alias in aliases:
        relation = names.query.relations[alias]
        if not relation.is_events:
            continue
        own = [c for c in conditions if alias not in optional or isinstance(c, _NULL_IS_FALSE)]
        relation.row_filter = [
            condition for condition in own + joined.get(alias, []) if _is_of(condition, alias)
        ]


_NULL_IS_FALSE = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.In, exp.Between, exp.Like)


def _is_of(condition: exp.Expr, alias: str) -> bool:
    if condition.find(exp.Query) is not None:
        return False
    return all(column.table == alias for column in condition.find_all(exp.Column))


def warn_of_cross_join(names: Names, select: exp.Select) -> None:
    """Warns of joins that pair every event with every other of the scope."""
    where = select.args.get("where")
    related = conjuncts(where.this if where is not None else None)
    for join in select.args.get("joins") or []:
        related = related + conjuncts(join.args.get("on"))
    untied = 0
    for join in select.args.get("joins") or []:
        alias = join.this.alias_or_name
        relation = names.query.relations.get(alias)
        if relation is None or not relation.is_events:
            continue
        pairs = (c for c in related if isinstance(c, exp.EQ | exp.NullSafeEQ))
        tied = any(_ties(pair, alias) for pair in pairs)
        others = [r for r in names.query.sources(select) if r.alias != alias and r.is_events]
        if others and not tied and join.method != "ASOF":
            message = (
                f"This pairs every event of a scope with every one of {relation.author_alias}: "
                "compare a column of both with =."
            )
            untied += 1
            is_bearable = untied < _UNTIED_MAX
            severity = Severity.WARNING if is_bearable else Severity.ERROR
            names.add("M602", message, join.this, severity=severity)


def _ties(pair: exp.Expr, alias: str) -> bool:
    sides = [{c.table for c in side.find_all(exp.Column)} for side in (pair.this, pair.expression)]
    return any(alias in a and b and alias not in b for a, b in (sides, sides[::-1]))
