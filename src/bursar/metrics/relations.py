"""What a query reads and returns, as the passes after resolution see it.

Owns the relation behind each (unique) alias of the query: the events, another query, or constants;
and the walks over a query's own parts. It leaves making relations to ``bursar.metrics.resolve``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlglot import exp

from bursar.metrics.functions import OWN_AGGREGATES
from bursar.metrics.kinds import Kind

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
# Aggregates that are no `AggFunc` to sqlglot.
_AGGREGATES = (exp.AggFunc, exp.WithinGroup, exp.PercentileCont, exp.PercentileDisc, exp.Median)


@dataclass(eq=False)
class Relation:
    """What stands in a FROM.

    Args:
        alias: Its name in the resolved query, unlike any other's.
        author_alias: What the author calls it, lower case.
        body: The query behind it; None for the events and for constants.
        columns: Lower-case name to name, of the columns that an author sees.
        has_properties: Whether `properties.<key>` can be read from it.
        is_events: Whether this is the events themselves.
        event_types: For the events: the types that the reading SELECT leaves; None for any.
        properties: For the events: column to the property that it holds, text and number alike.
        row_filter: For the events: the conditions that a row must meet to be of use, resolved.
        kinds: For constants: the columns' kinds.
    """

    alias: str
    author_alias: str
    body: exp.Query | None
    columns: dict[str, str]
    has_properties: bool = False
    is_events: bool = False
    event_types: tuple[str, ...] | None = None
    properties: dict[str, str] = field(default_factory=dict)
    row_filter: list[exp.Expr] = field(default_factory=list)
    kinds: dict[str, Kind] = field(default_factory=dict)

    def __deepcopy__(self, memo: object) -> Relation:
        # A copied tree reads the same relations; copied with it, each would bring its whole query.
        return self


@dataclass(eq=False)
class ResolvedQuery:
    """A query in which every column names its relation, and every relation is known.

    Args:
        body: The tree; `*` expanded, every projection named, GROUP BY a list of expressions, and
            ORDER BY and LIMIT on SELECTs alone.
        relations: By alias.
        taken: Every alias and CTE name in use, lower case.
        departs: Whether the engine itself would do otherwise on some data: cut digits where types
            meet, or choose among rows that an order leaves equal.
    """

    body: exp.Query
    relations: dict[str, Relation]
    taken: set[str] = field(default_factory=set)
    departs: bool = False

    def leaves(self) -> list[Relation]:
        """The places where the query reads events, in order of appearance."""
        return [relation for relation in self.relations.values() if relation.is_events]

    def sources(self, select: exp.Select) -> list[Relation]:
        """The relations that a SELECT reads, in the order of its FROM."""
        return [self.relations[node.alias_or_name] for node in from_items(select)]

    def unique(self, name: str) -> str:
        """A name that nothing in the query has yet."""
        candidate, number = name, 2
        while candidate.lower() in self.taken:
            candidate, number = f"{name}_{number}", number + 1
        self.taken.add(candidate.lower())
        return candidate

    def all_selects(self) -> list[exp.Select]:
        """Every SELECT of the query, from the outermost down."""
        return list(self.body.find_all(exp.Select))


def from_items(select: exp.Select) -> list[exp.Expr]:
    """What stands in a SELECT's FROM, joined or not."""
    from_ = select.args.get("from_")
    first = [from_.this] if from_ is not None else []
    return first + [join.this for join in select.args.get("joins") or []]


def branches(body: exp.Expr) -> list[exp.Select]:
    """The SELECTs whose rows make up a query's."""
    if isinstance(body, exp.Select):
        return [body]
    if isinstance(body, exp.Subquery):
        return branches(body.this)
    if isinstance(body, exp.SetOperation):
        return branches(body.this) + branches(body.expression)
    return []


def projections(body: exp.Expr) -> list[exp.Expr]:
    """The columns of a query, as its first SELECT names them."""
    found = branches(body)
    return list(found[0].expressions) if found else []


def is_union_all(body: exp.Expr) -> bool:
    """Whether a query only puts its SELECTs' rows together, dropping none."""
    if isinstance(body, exp.Subquery):
        return is_union_all(body.this)
    if isinstance(body, exp.Select):
        return not is_plain_distinct(body)
    is_all = type(body) is exp.Union and not body.args.get("distinct")
    return is_all and is_union_all(body.this) and is_union_all(body.expression)


def is_plain_distinct(select: exp.Select) -> bool:
    """Whether a SELECT drops equal rows."""
    distinct = select.args.get("distinct")
    return distinct is not None and not distinct.args.get("on")


def own_nodes(node: exp.Expr) -> Iterator[exp.Expr]:
    """A node and all below it, except what stands in queries below it; those queries themselves."""
    yield node
    if isinstance(node, exp.Query):
        return
    for child in node.iter_expressions():
        yield from own_nodes(child)


def tables_within(node: exp.Expr) -> set[str]:
    """The aliases that are defined at or below a node."""
    found = set()
    for part in node.walk():
        is_source = isinstance(part, exp.Table | exp.Values | exp.Unnest | exp.Lateral)
        if is_source or (isinstance(part, exp.Subquery) and part.alias):
            found.add(part.alias_or_name)
    return found


def column_of(relation: Relation, name: str) -> exp.Column:
    """A column of a relation, as a resolved reference."""
    return resolved_column(relation.alias, name)


def resolved_column(table: str, name: str) -> exp.Column:
    """A column of an alias of the resolved query."""
    column = exp.column(exp.to_identifier(name), table=exp.to_identifier(table))
    # So that an alias's expression, standing where the alias stood, is not resolved twice.
    column.meta["is_resolved"] = True
    return column


def is_aggregate(node: exp.Expr) -> bool:
    """Whether a node itself is an aggregate function, and not a window's."""
    is_own = isinstance(node, exp.Anonymous) and str(node.this).lower() in OWN_AGGREGATES
    if not is_own and not isinstance(node, _AGGREGATES):
        return False
    child, above = node, node.parent
    while isinstance(above, exp.Filter | exp.IgnoreNulls | exp.RespectNulls):
        if child.arg_key != "this":
            return True
        child, above = above, above.parent
    return not (isinstance(above, exp.Window | exp.WithinGroup) and child.arg_key == "this")


def aggregates_in(node: exp.Expr) -> bool:
    """Whether an expression holds an aggregate of its own."""
    return any(is_aggregate(part) for part in own_nodes(node))


def windows_in(node: exp.Expr) -> bool:
    """Whether an expression holds a window function of its own."""
    return any(isinstance(part, exp.Window) for part in own_nodes(node))


def own_windows(select: exp.Select) -> list[exp.Window]:
    """The window functions in a SELECT's own clauses, not in queries below it."""
    clauses = [*select.expressions, select.args.get("qualify"), select.args.get("order")]
    return [
        window
        for clause in clauses
        if clause is not None
        for window in clause.find_all(exp.Window)
        if window.find_ancestor(exp.Select) is select
    ]


def is_aggregated(select: exp.Select) -> bool:
    """Whether a SELECT gives one row a group, or one row for all."""
    if select.args.get("group") or select.args.get("having"):
        return True
    clauses = [*select.expressions, select.args.get("qualify"), select.args.get("order")]
    return any(aggregates_in(clause) for clause in clauses if clause is not None)


def conjuncts(condition: exp.Expr | None) -> list[exp.Expr]:
    """The conditions that must all hold."""
    if condition is None:
        return []
    if isinstance(condition, exp.Paren):
        return conjuncts(condition.this)
    if isinstance(condition, exp.And):
        return conjuncts(condition.this) + conjuncts(condition.expression)
    return [condition]
