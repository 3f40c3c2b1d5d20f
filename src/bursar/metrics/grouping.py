"""What a SELECT groups by: the part of resolving that is about GROUP BY, HAVING and aggregates.

Owns the forms of GROUP BY, which names HAVING and QUALIFY mean, and that what is selected is
grouped or aggregated. It is given the resolving of plain expressions by ``bursar.metrics.resolve``.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from bursar.metrics.names import Sight
from bursar.metrics.relations import aggregates_in, is_aggregate, own_nodes

# Adds a problem: code, message, node.
Add = Callable[[str, str, exp.Expr], None]


def refuse_aggregates(node: exp.Expr, where: str, add: Add) -> None:
    """Adds a problem if an aggregate, a window or a list's rows stand where none can."""
    for part in own_nodes(node):
        if isinstance(part, exp.Window):
            add("M205", f"A window function cannot stand in {where}: use QUALIFY.", part)
            return
        if isinstance(part, exp.Explode):
            add("M205", f"UNNEST cannot stand in {where}: use it in FROM.", part)
            return
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
        keys = [p for p in projections if not aggregates_in(p) and p.find(exp.Column, exp.Query)]
    else:
        keys = [_group_key(key, projections, resolved, add) for key in group.expressions]
    for key in keys:
        refuse_aggregates(key, "GROUP BY", add)
    unique: list[exp.Expr] = []
    for key in keys:
        if key.find(exp.Query) is not None:
            add("M501", "GROUP BY a subquery is refused: compute it in a derived table.", key)
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


def having_by_alias(node: exp.Expr, select: exp.Select, sight: Sight, add: Add) -> exp.Expr:
    """HAVING with aliases spelled out where it prefers them to columns, unlike the other clauses.

    Args:
        node: The condition of HAVING, or of QUALIFY, not resolved.
        select: Its GROUP BY is resolved.
        sight: What it sees.
        add: Adds a problem.
    """
    group = select.args.get("group")
    keys = group.expressions if group is not None else []
    is_having = isinstance(node.parent, exp.Having)

    def replace(part: exp.Expr) -> exp.Expr:
        if not isinstance(part, exp.Column) or len(part.parts) > 1:
            return part
        if part.meta.get("is_resolved") or part.find_ancestor(exp.Query) is not None:
            return part
        found = sight.aliases.get(part.name.lower())
        column = sight.plain(part.name)
        if found is None or column is None or found == column:
            return part
        if column in keys or not is_having:
            message = f"{part.name} is a column and an alias: rename the alias."
            add("M102", message, part)
            return part
        if any(is_aggregate(above) for above in _ancestors(part)):
            return part
        return exp.Paren(this=found.copy())

    return node.transform(replace)


def check_grouping(select: exp.Select, own: set[str], add: Add) -> None:
    """Every column outside an aggregate is grouped; no aggregate stands in another.

    Args:
        select: Resolved.
        own: The aliases in its FROM; other columns are of queries around it, or below.
        add: Adds a problem.
    """
    if "properties_of" in select.meta:
        add("M205", "Properties cannot be passed on through a grouping: name them.", select)
    group = select.args.get("group")
    keys = group.expressions if group is not None else []
    parts = list(select.expressions)
    for clause in ("having", "qualify"):
        if select.args.get(clause) is not None:
            parts.append(select.args[clause].this)
    order = select.args.get("order")
    parts += [item.this for item in order.expressions] if order is not None else []
    for part in parts:
        _check_grouped(part, keys, own, add)


def _check_grouped(
    node: exp.Expr, keys: list[exp.Expr], own: set[str], add: Add, *, is_below: bool = False
) -> None:
    if node in keys or (isinstance(node, exp.Paren) and node.unnest() in keys):
        return
    is_below = is_below or isinstance(node, exp.Query)
    is_filtered = isinstance(node, exp.Filter) and is_aggregate(node.this)
    if not is_below and (is_aggregate(node) or is_filtered):
        for below in (part for child in _inside_aggregate(node) for part in own_nodes(child)):
            if is_aggregate(below):
                add("M205", "An aggregate cannot stand in another: use a derived table.", below)
            if isinstance(below, exp.Window):
                message = "A window cannot stand in an aggregate: use a derived table."
                add("M205", message, below)
        return
    if isinstance(node, exp.Column):
        if node.table in own:
            add("M205", "This is neither grouped nor aggregated: add it to GROUP BY.", node)
        return
    if isinstance(node, exp.Explode) and not is_below:
        add("M205", "UNNEST and aggregates do not mix: unnest in a derived table.", node)
        return
    for child in node.iter_expressions():
        _check_grouped(child, keys, own, add, is_below=is_below)


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
