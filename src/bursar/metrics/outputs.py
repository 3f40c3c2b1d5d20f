"""A SELECT's columns: their names, and what `*` stands for.

Owns the checks of names. It leaves resolving the expressions to ``bursar.metrics.names``.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from bursar.metrics.names import Names, Sight
from bursar.metrics.relations import PROPERTIES, SCOPE_KEY, VALUE, Relation, column_of
from bursar.words import nearest

_RESERVED_COLUMNS = frozenset({SCOPE_KEY})


@dataclass(frozen=True)
class Star:
    """What a `*` stands for: columns, of all relations or of these."""

    columns: list[exp.Expr]
    relations: list[Relation]
    is_all: bool


def star(names: Names, projection: exp.Expr, sight: Sight) -> Star | None:
    """What a projection stands for if it is `*` or `a.*`."""
    if isinstance(projection, exp.Star):
        found: dict[str, exp.Expr] = {}
        for relation in sight.relations:
            for column in relation.columns.values():
                merged = sight.merged.get(column.lower())
                if merged is not None and column.lower() in found:
                    continue
                node = merged.copy() if merged is not None else column_of(relation, column)
                key = column.lower() if merged is not None else f"{relation.alias}.{column}"
                found[key] = exp.alias_(node, column, quoted=False)
        if not sight.relations:
            names.add("M205", "There is nothing that * stands for: FROM is missing.", projection)
        return Star(list(found.values()), [], is_all=True)
    if not isinstance(projection, exp.Column) or not isinstance(projection.this, exp.Star):
        return None
    relation_named = sight.named(projection.table)
    if relation_named is None:
        what = "properties.* is refused: name the properties."
        if projection.table.lower() != PROPERTIES:
            known = [relation.author_alias for relation in sight.relations]
            hint = nearest(projection.table, known)
            what = f"There is no table {projection.table} here.{hint}"
        names.add("M101", what, projection)
        return Star([], [], is_all=False)
    columns: list[exp.Expr] = [
        exp.alias_(column_of(relation_named, name), name, quoted=False)
        for name in relation_named.columns.values()
    ]
    return Star(columns, [relation_named], is_all=False)


def output_name(names: Names, projection: exp.Expr, position: int, *, is_needed: bool) -> str:
    """What a column is called.

    Args:
        names: Where to add a problem.
        projection: The column as written.
        position: How many columns stand before it.
        is_needed: Whether it needs a name, other than in a query that stands for a value.
    """
    name = projection.alias_or_name
    if name.lower() in _RESERVED_COLUMNS:
        names.add("M106", f"A column cannot be called {name}: Bursar uses the name.", projection)
    if not isinstance(projection, exp.Alias | exp.Column) or not name:
        if is_needed:
            message = "This column has no name: add `as value`, or another name."
            names.add("M110", message, projection)
        return f"column_{position + 1}"
    return VALUE if name.lower() == VALUE else name


def check_columns(names: Names, projections: list[exp.Expr]) -> None:
    """No two columns have one name."""
    seen: set[str] = set()
    for projection in projections:
        name = projection.alias_or_name.lower()
        if name in seen:
            names.add("M111", f"Two columns are called {name}: rename one.", projection)
        seen.add(name)
