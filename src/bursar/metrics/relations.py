"""What a query reads and returns, as the passes after resolution see it.

Owns the relation behind each (unique) alias of the query: the events, or another SELECT. It leaves
making them to ``bursar.metrics.resolve``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp

from bursar.metrics.columns import number_column
from bursar.properties import property_column

EVENT_COLUMNS = {
    "transaction_id": "VARCHAR",
    "customer_id": "VARCHAR",
    "event_type": "VARCHAR",
    "timestamp": "TIMESTAMP",
}
PROPERTIES = "properties"
SCOPE_KEY = "scope_id"
# The column of the quantity.
VALUE = "value"


@dataclass(eq=False)
class Relation:
    """What stands in a FROM.

    Args:
        alias: Its name in the resolved query, unlike any other's.
        author_alias: What the author calls it, lower case.
        select: The SELECT behind it; None for the events.
        columns: Lower-case name to name, of the columns that an author sees.
        has_properties: Whether `properties.<key>` can be read from it.
        event_types: For the events: the types that the reading SELECT's WHERE leaves; None for any.
        properties: For the events: column to the property that it holds, text and number alike.
        row_filter: For the events: the reading SELECT's WHERE, resolved, as a list of its
            conjuncts.
    """

    alias: str
    author_alias: str
    select: exp.Select | None
    columns: dict[str, str]
    has_properties: bool
    event_types: tuple[str, ...] | None = None
    properties: dict[str, str] = field(default_factory=dict)
    row_filter: list[exp.Expr] = field(default_factory=list)

    @property
    def is_events(self) -> bool:
        """Whether this is the events themselves."""
        return self.select is None


@dataclass(eq=False)
class ResolvedQuery:
    """A query in which every column names its relation, and every relation is known.

    Args:
        select: The tree; `*` expanded, every projection named, GROUP BY a list of expressions.
        relations: By alias.
    """

    select: exp.Select
    relations: dict[str, Relation]

    def leaves(self) -> list[Relation]:
        """The places where the query reads events, in order of appearance."""
        return [relation for relation in self.relations.values() if relation.is_events]

    def source(self, select: exp.Select) -> Relation:
        """The relation that a SELECT reads."""
        return self.relations[select.args["from_"].this.alias_or_name]


def column_of(relation: Relation, name: str) -> exp.Column:
    """A column of a relation, as a resolved reference."""
    column = exp.column(exp.to_identifier(name), table=exp.to_identifier(relation.alias))
    # So that an alias's expression, standing where the alias stood, is not resolved twice.
    column.meta["is_resolved"] = True
    return column


def text_column(query: ResolvedQuery, relation: Relation, key: str) -> str | None:
    """The column with a property's text; None if the relation does not pass properties on."""
    if relation.select is None:
        column = property_column(key)
        relation.properties[column] = key
        return column
    if not relation.has_properties:
        return None
    below = query.source(relation.select)
    inner = text_column(query, below, key)
    return None if inner is None else carry(query, relation, inner)


def carry(query: ResolvedQuery, relation: Relation, inner: str) -> str:
    """Makes a SELECT pass on a column of what it reads; the column's name in the SELECT."""
    select = relation.select
    assert select is not None  # noqa: S101 - the events have every column already
    # Kept with the SELECT, because several relations may read one CTE.
    carried: dict[str, str] = select.meta.setdefault("carried", {})
    name = carried.get(inner)
    if name is None:
        taken = {projection.alias_or_name.lower() for projection in select.expressions}
        name = inner
        while name.lower() in taken:
            name += "_"
        carried[inner] = name
        select.append("expressions", exp.alias_(column_of(query.source(select), inner), name))
    return name


def prune_carried(query: ResolvedQuery) -> None:
    """Drops the columns that a SELECT was made to pass on and that nobody reads after all."""
    while True:
        read = {(column.table, column.name) for column in query.select.find_all(exp.Column)}
        dropped = False
        for select in {
            id(r.select): r.select for r in query.relations.values() if r.select
        }.values():
            readers = [alias for alias, r in query.relations.items() if r.select is select]
            carried: dict[str, str] = select.meta.get("carried", {})
            for inner, name in list(carried.items()):
                if not any((alias, name) in read for alias in readers):
                    del carried[inner]
                    kept = [p for p in select.expressions if p.alias_or_name != name]
                    select.set("expressions", kept)
                    dropped = True
        if not dropped:
            return


def number_column_of(query: ResolvedQuery, column: exp.Column) -> tuple[str, Relation] | None:
    """The column with the number of a text column, and its relation; None if it is no property.

    The number is made once, beside the text in `metric_events`, and passed on through SELECTs that
    neither group nor compute the text.
    """
    relation = query.relations[column.table]
    name = column.name
    if relation.select is None:
        key = relation.properties.get(name)
        if key is None or name != property_column(key):
            return None
        number = number_column(key)
        relation.properties[number] = key
        return number, relation
    below = _projected_column(relation.select, name)
    if below is None or relation.select.args.get("group") or is_aggregated(relation.select):
        return None
    inner = number_column_of(query, below)
    return None if inner is None else (carry(query, relation, inner[0]), relation)


def _projected_column(select: exp.Select, name: str) -> exp.Column | None:
    for projection in select.expressions:
        inner = projection.unalias()
        if projection.alias_or_name == name and isinstance(inner, exp.Column):
            return inner
    return None


def is_aggregate(node: exp.Expr) -> bool:
    """Whether a node itself is an aggregate function."""
    if isinstance(node, exp.AggFunc):
        return True
    return isinstance(node, exp.Anonymous) and str(node.this).lower() in ("latest", "earliest")


def aggregates_in(node: exp.Expr) -> bool:
    """Whether an expression holds an aggregate."""
    return any(is_aggregate(part) for part in node.walk())


def is_aggregated(select: exp.Select) -> bool:
    """Whether a SELECT gives one row a group, or one row for all."""
    if select.args.get("group") or select.args.get("having"):
        return True
    return any(aggregates_in(projection) for projection in select.expressions)


def conjuncts(condition: exp.Expr | None) -> list[exp.Expr]:
    """The conditions that must all hold."""
    if condition is None:
        return []
    if isinstance(condition, exp.Paren):
        return conjuncts(condition.this)
    if isinstance(condition, exp.And):
        return conjuncts(condition.this) + conjuncts(condition.expression)
    return [condition]
