"""What a query passes on from the events below it: properties, and the numbers beside them.

Owns the columns that SELECTs get beyond those that their author wrote, so that only what is read
is carried.
"""

from __future__ import annotations

from sqlglot import exp

from bursar.metrics.columns import number_column
from bursar.metrics.relations import (
    Relation,
    ResolvedQuery,
    branches,
    column_of,
    is_aggregated,
    is_plain_distinct,
    is_union_all,
)
from bursar.properties import property_column


def text_column(query: ResolvedQuery, relation: Relation, key: str) -> str | None:
    """The column with a property's text; None if the relation does not pass properties on."""
    if relation.is_events:
        column = property_column(key)
        relation.properties[column] = key
        return column
    body = relation.body
    if not relation.has_properties or body is None or not is_union_all(body):
        return None
    inner: list[exp.Expr] = []
    for select in branches(body):
        source: Relation = select.meta["properties_of"]
        name = text_column(query, source, key)
        if name is None:
            return None
        inner.append(column_of(source, name))
    return _carry(body, property_column(key), inner)


def _carry(body: exp.Query, wanted: str, inner: list[exp.Expr]) -> str:
    """Makes each SELECT of a body pass on a column; the column's name."""
    selects = branches(body)
    # Kept with the SELECT, because several relations may read one CTE.
    carried: dict[str, str] = selects[0].meta.setdefault("carried", {})
    mark = "|".join(node.sql() for node in inner)
    name = carried.get(mark)
    if name is not None:
        return name
    taken = {p.alias_or_name.lower() for select in selects for p in select.expressions}
    name = wanted
    while name.lower() in taken:
        name += "_"
    carried[mark] = name
    for select, node in zip(selects, inner, strict=True):
        select.append("expressions", exp.alias_(node, name))
    return name


def carried_names(body: exp.Query) -> frozenset[str]:
    """The columns that a query was made to pass on."""
    selects = branches(body)
    return frozenset(selects[0].meta.get("carried", {}).values()) if selects else frozenset()


def prune_carried(query: ResolvedQuery) -> None:
    """Drops the columns that a SELECT was made to pass on and that nobody reads after all."""
    while True:
        read = {(column.table, column.name) for column in query.body.find_all(exp.Column)}
        dropped = False
        for body in {id(r.body): r.body for r in query.relations.values() if r.body}.values():
            readers = [alias for alias, r in query.relations.items() if r.body is body]
            for name in carried_names(body):
                if not any((alias, name) in read for alias in readers):
                    _drop(body, name)
                    dropped = True
        if not dropped:
            return


def _drop(body: exp.Query, name: str) -> None:
    selects = branches(body)
    carried: dict[str, str] = selects[0].meta["carried"]
    for mark in [mark for mark, found in carried.items() if found == name]:
        del carried[mark]
    position = [p.alias_or_name for p in selects[0].expressions].index(name)
    for select in selects:
        kept = [p for n, p in enumerate(select.expressions) if n != position]
        select.set("expressions", kept)


def number_column_of(query: ResolvedQuery, column: exp.Column) -> tuple[str, Relation] | None:
    """The column with the number of a text column, and its relation; None if it is no property.

    The number is made once, beside the text in `metric_events`, and passed on through SELECTs that
    neither group nor compute the text.
    """
    relation = query.relations[column.table]
    name = column.name
    if relation.is_events:
        key = relation.properties.get(name)
        if key is None or name != property_column(key):
            return None
        number = number_column(key)
        relation.properties[number] = key
        return number, relation
    body = relation.body
    if not isinstance(body, exp.Select) or is_aggregated(body) or is_plain_distinct(body):
        return None
    below = _projected_column(body, name)
    inner = number_column_of(query, below) if below is not None else None
    if inner is None:
        return None
    return _carry(body, inner[0], [column_of(inner[1], inner[0])]), relation


def _projected_column(select: exp.Select, name: str) -> exp.Column | None:
    for projection in select.expressions:
        inner = projection.unalias()
        if projection.alias_or_name == name and isinstance(inner, exp.Column):
            return inner
    return None


def property_sources(query: ResolvedQuery, column: exp.Column) -> list[tuple[Relation, str]]:
    """The events and properties whose text a column may hold, through any query between."""
    relation = query.relations.get(column.table)
    if relation is None:
        return []
    if relation.is_events:
        key = relation.properties.get(column.name)
        return [] if key is None else [(relation, key)]
    if relation.body is None:
        return []
    names = [p.alias_or_name for p in branches(relation.body)[0].expressions]
    if column.name not in names:
        return []
    position = names.index(column.name)
    found: list[tuple[Relation, str]] = []
    for select in branches(relation.body):
        if position < len(select.expressions):
            inner = select.expressions[position].unalias()
            if isinstance(inner, exp.Column):
                found += property_sources(query, inner)
    return found
