"""What a SELECT groups by: the part of resolving that is about GROUP BY, HAVING and aggregates.

Owns the forms of GROUP BY, which names HAVING means, and that what is selected is grouped or
aggregated. It is given the resolving of plain expressions by ``bursar.metrics.resolve``.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from bursar.metrics.relations import Relation, aggregates_in, column_of, is_aggregate

# Adds a problem: code, message, node.
Add = Callable[[str, str, exp.Expr], None]


def refuse_aggregates(node: exp.Expr, where: str, add: Add) -> None:
    """Adds a problem if an aggregate stands where none can."""
    for part in node.walk():
        if is_aggregate(part):
            add("M205", f"An aggregate cannot stand in {where}.", part)
            return


def resolve_grouping(
    select: exp.Select, resolved: Callable[[exp.Expr], exp.Expr], add: Add
) -> None:
    """Makes GROUP BY a list of expressions; none at all if it groups by nothing.

    Args:
        select: Its projections are resolved.
        resolved: Resolves an expression.
        add: Adds a problem.
    """
    group = select.args.get("group")
    if group is None:
        return
    projections = [projection.unalias() for projection in select.expressions]
    if group.args.get("all"):
        # The engine does not group by constants here, so that they alone keep an empty scope's row.
        keys = [p for p in projections if not aggregates_in(p) and p.find(exp.Column)]
    else:
        keys = [_group_key(key, projections, resolved, add) for key in group.expressions]
        for key in keys:
            refuse_aggregates(key, "GROUP BY", add)
    unique: list[exp.Expr] = []
    for key in keys:
        bare = key.unnest()
        if bare not in unique:
            unique.append(bare.copy())
    # GROUP BY ALL with nothing to group by is as good as absent.
    select.set("group", exp.Group(expressions=unique) if unique else None)


def _group_key(
    key: exp.Expr,
    projections: list[exp.Expr],
    resolved: Callable[[exp.Expr], exp.Expr],
    add: Add,
) -> exp.Expr:
    if isinstance(key, exp.Literal) and not key.is_string:
        if key.name.isdigit() and 1 <= int(key.name) <= len(projections):
            return projections[int(key.name) - 1]
        add("M102", f"GROUP BY {key.name}: there are {len(projections)} columns.", key)
        return key
    return resolved(key)


def having_by_alias(
    node: exp.Expr,
    select: exp.Select,
    relation: Relation,
    aliases: dict[str, exp.Expr],
    add: Add,
) -> exp.Expr:
    """HAVING with aliases spelled out where it prefers them to columns, unlike the other clauses.

    Args:
        node: HAVING's condition, not resolved.
        select: Its GROUP BY is resolved.
        relation: What it reads.
        aliases: The projections by lower-case alias.
        add: Adds a problem.
    """
    group = select.args.get("group")
    keys = group.expressions if group is not None else []

    def replace(part: exp.Expr) -> exp.Expr:
        if not isinstance(part, exp.Column) or len(part.parts) > 1:
            return part
        folded = part.name.lower()
        found = aliases.get(folded)
        if found is None or folded not in relation.columns:
            return part
        column = column_of(relation, relation.columns[folded])
        if found == column:
            return part
        if column in keys:
            message = f"{part.name} is a column and an alias: rename the alias."
            add("M102", message, part)
            return part
        if any(is_aggregate(above) for above in _ancestors(part)):
            return part
        return exp.Paren(this=found.copy())

    return node.transform(replace)


def check_grouping(select: exp.Select, add: Add) -> None:
    """Every column outside an aggregate is grouped; no aggregate stands in another."""
    if select.meta.get("has_properties"):
        add("M205", "Properties cannot be passed on through a grouping: name them.", select)
    group = select.args.get("group")
    keys = group.expressions if group is not None else []
    having = select.args.get("having")
    for part in [*select.expressions, *([having.this] if having is not None else [])]:
        _check_grouped(part, keys, add)


def _check_grouped(node: exp.Expr, keys: list[exp.Expr], add: Add) -> None:
    if node in keys or (isinstance(node, exp.Paren) and node.unnest() in keys):
        return
    if is_aggregate(node) or isinstance(node, exp.Filter):
        for below in (part for child in _inside_aggregate(node) for part in child.walk()):
            if is_aggregate(below):
                add("M205", "An aggregate cannot stand in another: use a derived table.", below)
        return
    if isinstance(node, exp.Column):
        add("M205", "This is neither grouped nor aggregated: add it to GROUP BY.", node)
        return
    for child in node.iter_expressions():
        _check_grouped(child, keys, add)


def _inside_aggregate(node: exp.Expr) -> list[exp.Expr]:
    """What an aggregate is taken of, and its filter."""
    if isinstance(node, exp.Filter):
        return [node.expression, *node.this.iter_expressions()]
    return list(node.iter_expressions())


def _ancestors(node: exp.Expr) -> list[exp.Expr]:
    found = []
    current = node.parent
    while current is not None:
        found.append(current)
        current = current.parent
    return found
