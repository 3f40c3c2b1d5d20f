"""The allow-list pass: what a metric's SELECT may be made of.

Owns the list of node types, with the arguments that each may have, and the words for what is
refused. What a name means is for the next pass.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from bursar.metrics.functions import (
    FUNCTION_NAMES,
    FUNCTIONS,
    HARMLESS_ARGUMENTS,
    OWN_FUNCTIONS,
    WINDOW_END,
    WINDOW_START,
    refusal_of_function,
)
from bursar.metrics.parsing import span_of
from bursar.metrics.problems import Problems, Span, nearest

_BINARY = frozenset({"this", "expression", "typed", "safe"})
_UNARY = frozenset({"this"})

_BINARY_NODES = (
    exp.And, exp.Or, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Is, exp.NullSafeEQ,
    exp.NullSafeNEQ, exp.Like, exp.ILike, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod,
    exp.DPipe,
)  # fmt: skip

NODES: dict[type[exp.Expr], frozenset[str]] = {
    exp.Select: frozenset({"with_", "expressions", "from_", "where", "group", "having"}),
    exp.With: frozenset({"expressions"}),
    exp.CTE: frozenset({"this", "alias"}),
    exp.TableAlias: _UNARY,
    exp.From: _UNARY,
    exp.Table: frozenset({"this", "alias"}),
    exp.Subquery: frozenset({"this", "alias"}),
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
    exp.In: frozenset({"this", "expressions"}),
    exp.Between: frozenset({"this", "low", "high"}),
    exp.Filter: _BINARY,
    exp.Distinct: frozenset({"expressions"}),
    exp.DataType: frozenset({"this", "expressions", "nested"}),
    exp.DataTypeParam: _UNARY,
    exp.Var: _UNARY,
    **dict.fromkeys(_BINARY_NODES, _BINARY),
    **{kind: arguments for kind, (_, arguments) in FUNCTIONS.items()},
}

_NOT_YET = "{what} not supported yet."
_REFUSED_NODES: dict[type[exp.Expr], tuple[str, str]] = {
    exp.GroupingSets: (
        "M504",
        "GROUPING SETS, CUBE and ROLLUP are refused: one metric, one grouping.",
    ),
    exp.Cube: ("M504", "GROUPING SETS, CUBE and ROLLUP are refused: one metric, one grouping."),
    exp.Rollup: ("M504", "GROUPING SETS, CUBE and ROLLUP are refused: one metric, one grouping."),
    exp.Pivot: ("M506", "PIVOT and UNPIVOT are refused: write the aggregates with FILTER."),
    exp.TableSample: ("M301", "A sample is not the same on every run, and a bill must be."),
    exp.Window: ("M501", _NOT_YET.format(what="Window functions are")),
    exp.Join: ("M501", _NOT_YET.format(what="Joins are")),
    exp.SetOperation: ("M501", _NOT_YET.format(what="Set operations are")),
    exp.Exists: ("M501", _NOT_YET.format(what="EXISTS is")),
    exp.Values: ("M501", _NOT_YET.format(what="VALUES is")),
    exp.Interval: ("M501", _NOT_YET.format(what="Interval arithmetic is")),
    exp.Order: ("M501", _NOT_YET.format(what="ORDER BY is")),
    exp.Limit: ("M501", _NOT_YET.format(what="LIMIT is")),
    exp.Offset: ("M501", _NOT_YET.format(what="OFFSET is")),
    exp.Qualify: ("M501", _NOT_YET.format(what="QUALIFY is")),
    exp.Unnest: ("M501", _NOT_YET.format(what="UNNEST is")),
    exp.Explode: ("M501", _NOT_YET.format(what="UNNEST is")),
    exp.Lateral: ("M501", "LATERAL is refused."),
    exp.Placeholder: ("M205", "A metric has no parameters: write the value."),
    exp.Parameter: ("M205", "A metric has no parameters: write the value."),
    exp.HistoricalData: ("M205", "Events have no versions to travel to."),
}
_REFUSED_ARGUMENTS = {
    "recursive": ("M503", "WITH RECURSIVE is refused."),
    "distinct": ("M501", _NOT_YET.format(what="SELECT DISTINCT is")),
    "joins": ("M501", _NOT_YET.format(what="Joins are")),
    "laterals": ("M501", "LATERAL is refused."),
    "grouping_sets": (
        "M504",
        "GROUPING SETS, CUBE and ROLLUP are refused: one metric, one grouping.",
    ),
    "cube": ("M504", "GROUPING SETS, CUBE and ROLLUP are refused: one metric, one grouping."),
    "rollup": ("M504", "GROUPING SETS, CUBE and ROLLUP are refused: one metric, one grouping."),
    "except_": ("M501", _NOT_YET.format(what="EXCLUDE is")),
    "replace": ("M501", _NOT_YET.format(what="REPLACE is")),
    "rename": ("M501", _NOT_YET.format(what="RENAME is")),
    "columns": (
        "M501",
        "A list of column names after an alias is not supported yet: name them inside.",
    ),
    "query": ("M501", _NOT_YET.format(what="IN with a subquery is")),
    "sample": ("M301", "A sample is not the same on every run, and a bill must be."),
}


def check_allowed(select: exp.Select, text: str, problems: Problems) -> None:
    """Adds a problem for every part of the query that is not on the list.

    Args:
        select: As parsed.
        text: The file's text, for the places.
        problems: Where to add.
    """
    _check(select, text, problems)


def _check(node: exp.Expr, text: str, problems: Problems) -> None:
    refusal = _refusal(node, text)
    if refusal is not None:
        code, message = refusal
        problems.add(code, message, _span(node, text))
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


def _children(value: object) -> Iterator[exp.Expr]:
    items = value if isinstance(value, list) else [value]
    return (item for item in items if isinstance(item, exp.Expr))


def _span(node: exp.Expr, text: str) -> Span | None:
    current: exp.Expr | None = node
    while current is not None:
        span = span_of(current, text)
        if span is not None:
            return span
        current = current.parent
    return None


def _refusal(node: exp.Expr, text: str) -> tuple[str, str] | None:
    """The code and words if the node itself is refused."""
    special = _special_refusal(node)
    if special is not None:
        return special
    for kind in type(node).__mro__:
        if kind in _REFUSED_NODES:
            return _REFUSED_NODES[kind]
    if isinstance(node, exp.Anonymous):
        return None if _is_own_call(node) else _function_refusal(str(node.this))
    if type(node) in NODES:
        return None
    if isinstance(node, exp.IgnoreNulls):  # sqlglot's reading of any_value(x)
        return _refusal(node.this, text)
    if isinstance(node, exp.Func):
        return _function_refusal(_written_name(node, text))
    what = type(node).__name__
    return "M205", f"A metric cannot use this ({what}). docs/guides lists what it may use."


def _special_refusal(node: exp.Expr) -> tuple[str, str] | None:
    if isinstance(node, exp.Bracket):
        base = node.this
        if isinstance(base, exp.Column) and "properties" in (base.name.lower(), base.table.lower()):
            return (
                "M104",
                'Write a property as properties.<key>, or properties."<key>" if it is odd.',
            )
        return "M501", _NOT_YET.format(what="Subscripts are")
    if isinstance(node, exp.Subquery) and not isinstance(node.parent, exp.From):
        return "M501", _NOT_YET.format(what="A subquery in an expression is")
    if isinstance(node, exp.Subquery) and isinstance(node.this, exp.SetOperation | exp.Values):
        return _REFUSED_NODES[
            exp.SetOperation if isinstance(node.this, exp.SetOperation) else exp.Values
        ]
    if isinstance(node, exp.Join) and node.args.get("method") == "NATURAL":
        return "M505", "NATURAL JOIN is refused: name the columns that are equal."
    if isinstance(node, exp.Limit) and node.find(exp.LimitOptions):
        options = node.find(exp.LimitOptions)
        if options is not None and options.args.get("percent"):
            return "M502", "LIMIT with a percentage is refused."
    if isinstance(node, exp.Table):
        return _table_refusal(node)
    if isinstance(node, exp.Distinct) and (
        not isinstance(node.parent, exp.Count) or len(node.expressions) != 1 or node.args.get("on")
    ):
        return "M501", "DISTINCT is supported only as count(distinct x) so far."
    return None


def _table_refusal(node: exp.Table) -> tuple[str, str] | None:
    if node.args.get("db") or node.args.get("catalog"):
        return "M202", "A metric reads `events` alone, without a schema before the name."
    if isinstance(node.this, exp.Identifier):
        name = node.name
        if any(mark in name for mark in "/.*:"):
            return "M203", f"{name} is a file. A metric reads `events` alone."
        return None
    name = node.this.name if isinstance(node.this, exp.Anonymous) else ""
    code, message = refusal_of_function(name) if name else ("M204", "")
    if code == "M203" or isinstance(node.this, exp.ReadParquet | exp.ReadCSV):
        return "M203", message or "A metric reads `events` alone, no files."
    return "M201", "A function cannot stand in FROM. A metric reads `events` alone."


def _is_own_call(node: exp.Anonymous) -> bool:
    name = str(node.this).lower()
    count = 0 if name in (WINDOW_START, WINDOW_END) else 1
    return name in OWN_FUNCTIONS and len(node.expressions) == count


def _written_name(node: exp.Expr, text: str) -> str:
    start, end = node.meta.get("start"), node.meta.get("end")
    if isinstance(start, int) and isinstance(end, int):
        return text[start : end + 1]
    return str(node.sql_name()).lower() if isinstance(node, exp.Func) else type(node).__name__


def _function_refusal(name: str) -> tuple[str, str]:
    if name.lower() in OWN_FUNCTIONS:
        given = "no argument" if name.lower() in (WINDOW_START, WINDOW_END) else "one argument"
        return "M205", f"{name} takes {given}."
    code, message = refusal_of_function(name)
    if message:
        return code, message
    return code, f"{name} is not a function that a metric may call.{nearest(name, FUNCTION_NAMES)}"


def _refuse_argument(
    node: exp.Expr, key: str, value: object, text: str, problems: Problems
) -> None:
    children = list(_children(value))
    for child in children:
        refusal = _refusal(child, text)
        if refusal is not None:
            problems.add(*refusal, _span(child, text))
    if children and all(_refusal(child, text) for child in children):
        return
    code, message = _REFUSED_ARGUMENTS.get(
        key, ("M205", f"A metric cannot use {key.rstrip('_').replace('_', ' ').upper()} here.")
    )
    place = next((s for s in (span_of(child, text) for child in children) if s), None)
    problems.add(code, message, place or _span(node, text))
