"""The allow-list pass: what a metric's SELECT may be made of.

Owns the list of node types, with the arguments that each may have, and the words for what is
refused. What a name means is for the next pass.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from bursar.metrics.functions import FUNCTIONS, HARMLESS_ARGUMENTS
from bursar.metrics.parsing import span_of
from bursar.metrics.problems import Problems
from bursar.metrics.refusals import REFUSED_ARGUMENTS, place_of, refusal_of

_BINARY = frozenset({"this", "expression", "typed", "safe"})
_UNARY = frozenset({"this"})

_SET_OPERATION = frozenset(
    {"this", "expression", "distinct", "by_name", "with_", "order", "limit", "offset"}
)

_BINARY_NODES = (
    exp.And, exp.Or, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Is, exp.NullSafeEQ,
    exp.NullSafeNEQ, exp.Like, exp.ILike, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod,
    exp.DPipe,
)  # fmt: skip

NODES: dict[type[exp.Expr], frozenset[str]] = {
    exp.Select: frozenset(
        {
            "with_",
            "expressions",
            "from_",
            "joins",
            "where",
            "group",
            "having",
            "windows",
            "qualify",
            "distinct",
            "order",
            "limit",
            "offset",
        }
    ),
    exp.Union: _SET_OPERATION,
    exp.Intersect: _SET_OPERATION,
    exp.Except: _SET_OPERATION,
    exp.With: frozenset({"expressions"}),
    exp.CTE: frozenset({"this", "alias", "materialized"}),
    exp.TableAlias: frozenset({"this", "columns"}),
    exp.Join: frozenset({"this", "side", "kind", "method", "on", "using"}),
    exp.Lateral: frozenset({"this", "alias"}),
    exp.Values: frozenset({"expressions", "alias"}),
    exp.Unnest: frozenset({"expressions", "alias"}),
    exp.Tuple: frozenset({"expressions"}),
    exp.Order: frozenset({"expressions"}),
    exp.Ordered: frozenset({"this", "desc", "nulls_first"}),
    exp.Limit: frozenset({"expression"}),
    exp.Offset: frozenset({"expression"}),
    exp.Qualify: _UNARY,
    exp.Window: frozenset({"this", "partition_by", "order", "spec", "alias", "over"}),
    exp.WindowSpec: frozenset({"kind", "start", "start_side", "end", "end_side", "exclude"}),
    exp.IgnoreNulls: _UNARY,
    exp.RespectNulls: _UNARY,
    exp.WithinGroup: _BINARY,
    exp.Exists: _UNARY,
    exp.Interval: frozenset({"this", "unit"}),
    exp.Array: frozenset({"expressions", "value_constructor"}),
    exp.From: _UNARY,
    exp.Table: frozenset({"this", "alias"}),
    exp.Subquery: frozenset({"this", "alias", "with_", "order", "limit", "offset"}),
    exp.Where: _UNARY,
    exp.Group: frozenset({"expressions", "all"}),
    exp.Having: _UNARY,
    exp.Alias: frozenset({"this", "alias"}),
    exp.Identifier: frozenset({"this", "quoted"}),
    exp.Column: frozenset({"this", "table", "db", "catalog"}),
    exp.Star: frozenset(),
    exp.Literal: frozenset({"this", "is_string"}),
    exp.Boolean: _UNARY,
    exp.Null: frozenset(),
    exp.Paren: _UNARY,
    exp.Not: _UNARY,
    exp.Neg: _UNARY,
    exp.In: frozenset({"this", "expressions", "query"}),
    exp.Between: frozenset({"this", "low", "high"}),
    exp.Filter: _BINARY,
    exp.Distinct: frozenset({"expressions", "on"}),
    exp.DataType: frozenset({"this", "expressions", "nested"}),
    exp.DataTypeParam: _UNARY,
    exp.Var: _UNARY,
    **dict.fromkeys(_BINARY_NODES, _BINARY),
    **{kind: arguments for kind, (_, arguments) in FUNCTIONS.items()},
}


def check_allowed(select: exp.Query, text: str, problems: Problems) -> None:
    """Adds a problem for every part of the query that is not on the list.

    Args:
        select: As parsed.
        text: The file's text, for the places.
        problems: Where to add.
    """
    _check(select, text, problems)


def _check(node: exp.Expr, text: str, problems: Problems) -> None:
    refusal = refusal_of(node, NODES, text)
    if refusal is not None:
        code, message = _rounded(node, *refusal)
        problems.add(code, message, place_of(node, text))
        return
    allowed = NODES.get(type(node), _UNARY | {"expressions"})
    for key, value in node.args.items():
        if key in allowed or not value or (key in HARMLESS_ARGUMENTS and value is True):
            continue
        _refuse_argument(node, key, value, text, problems)
    for key in node.args:
        if key in allowed:
            for child in _children(node.args[key]):
                _check(child, text, problems)


def _rounded(node: exp.Expr, code: str, message: str) -> tuple[str, str]:
    """The refusal of a float that is rounded at once, as if that made it exact."""
    above = node.parent
    while isinstance(above, exp.Paren):
        above = above.parent
    is_rounded = isinstance(above, exp.Round | exp.Floor | exp.Ceil | exp.Cast)
    if code != "M401" or not is_rounded or isinstance(node, exp.Literal):
        return code, message
    return "M407", f"{message}\nRounding or casting it does not make it exact."


def _children(value: object) -> Iterator[exp.Expr]:
    items = value if isinstance(value, list) else [value]
    return (item for item in items if isinstance(item, exp.Expr))


def _refuse_argument(
    node: exp.Expr, key: str, value: object, text: str, problems: Problems
) -> None:
    children = list(_children(value))
    for child in children:
        refusal = refusal_of(child, NODES, text)
        if refusal is not None:
            problems.add(*refusal, place_of(child, text))
    if children and all(refusal_of(child, NODES, text) for child in children):
        return
    code, message = REFUSED_ARGUMENTS.get(
        key, ("M205", f"A metric cannot use {key.rstrip('_').replace('_', ' ').upper()} here.")
    )
    place = next((s for s in (span_of(child, text) for child in children) if s), None)
    problems.add(code, message, place or place_of(node, text))
