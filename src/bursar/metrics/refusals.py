"""Why a part of a query is refused, and where it stands.

Owns the codes and the words for what is not on the allow-list. The list itself is
``bursar.metrics.allowed``'s.
"""

from __future__ import annotations

import re
from collections.abc import Container

from sqlglot import exp

from bursar.metrics.exact import PLACES
from bursar.metrics.functions import (
    FUNCTION_NAMES,
    OWN_FUNCTIONS,
    WINDOW_END,
    WINDOW_START,
    refusal_of_function,
)
from bursar.metrics.parsing import span_of
from bursar.metrics.problems import Span
from bursar.words import nearest

WINDOW_ONLY = (
    exp.RowNumber, exp.Rank, exp.DenseRank, exp.Ntile, exp.Lag, exp.Lead, exp.FirstValue,
    exp.LastValue, exp.NthValue,
)  # fmt: skip
DIGITS_MAX = 38
# A table's name with one of these is read as a file by the engine.
FILE_MARKS = "/.*:"
# sqlglot's name of a type to the engine's, for what a metric may cast to besides decimals.
CAST_TYPES = {
    "TINYINT": "TINYINT", "SMALLINT": "SMALLINT", "INT": "INTEGER", "BIGINT": "BIGINT",
    "INT128": "HUGEINT", "UTINYINT": "UTINYINT", "USMALLINT": "USMALLINT", "UINT": "UINTEGER",
    "UBIGINT": "UBIGINT", "UINT128": "UHUGEINT", "TEXT": "VARCHAR", "VARCHAR": "VARCHAR",
    "BOOLEAN": "BOOLEAN", "DATE": "DATE", "TIMESTAMP": "TIMESTAMP", "TIMESTAMPNTZ": "TIMESTAMP",
}  # fmt: skip
_FLOAT_TYPES = frozenset({"FLOAT", "DOUBLE", "REAL"})

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
    exp.Any: ("M501", "ANY and ALL are refused: use IN, or compare with a min or a max."),
    exp.All: ("M501", "ANY and ALL are refused: use IN, or compare with a min or a max."),
    exp.PercentRank: ("M401", "percent_rank is a floating-point number: divide ranks and counts."),
    exp.CumeDist: ("M401", "cume_dist is a floating-point number: divide ranks and counts."),
    exp.Placeholder: ("M205", "A metric has no parameters: write the value."),
    exp.Parameter: ("M205", "A metric has no parameters: write the value."),
    exp.HistoricalData: ("M205", "Events have no versions to travel to."),
}
REFUSED_ARGUMENTS = {
    "recursive": ("M503", "WITH RECURSIVE is refused."),
    "joins": ("M501", "Joins in parentheses are refused: write a derived table, with a name."),
    "grouping_sets": (
        "M504",
        "GROUPING SETS, CUBE and ROLLUP are refused: one metric, one grouping.",
    ),
    "cube": ("M504", "GROUPING SETS, CUBE and ROLLUP are refused: one metric, one grouping."),
    "rollup": ("M504", "GROUPING SETS, CUBE and ROLLUP are refused: one metric, one grouping."),
    "except_": ("M501", _NOT_YET.format(what="EXCLUDE is")),
    "replace": ("M501", _NOT_YET.format(what="REPLACE is")),
    "rename": ("M501", _NOT_YET.format(what="RENAME is")),
    "offset": ("M501", "WITH ORDINALITY is refused."),
    "sample": ("M301", "A sample is not the same on every run, and a bill must be."),
}


# What has no place of its own in the tree is found by its word.
_KEYWORDS: dict[type[exp.Expr], str] = {
    exp.Distinct: "distinct",
    exp.Qualify: "qualify",
    exp.Order: "order",
    exp.Limit: "limit",
    exp.Offset: "offset",
    exp.Exists: "exists",
    exp.Join: "join",
    exp.TableSample: "tablesample",
    exp.CurrentTimestamp: "current_timestamp",
    exp.CurrentDate: "current_date",
    exp.CurrentTime: "current_time",
}


def place_of(node: exp.Expr, text: str) -> Span | None:
    """Where a node stands, or its word, or the nearest node above it that stands somewhere."""
    own = span_of(node, text)
    word = _KEYWORDS.get(type(node), "")
    if isinstance(node, exp.Placeholder):
        word = f"{'$' if node.this else '?'}{node.name}"
    if word:
        pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
        found = list(pattern.finditer(text, 0, own.start if own is not None else len(text)))
        if found:
            return Span(*(found[-1] if own is not None else found[0]).span())
    if own is not None or node.parent is None:
        return own
    return place_of(node.parent, text)


def refusal_of(
    node: exp.Expr, allowed: Container[type[exp.Expr]], text: str
) -> tuple[str, str] | None:
    """The code and words if a node itself is refused.

    Args:
        node: The node.
        allowed: The classes on the allow-list.
        text: The file's text, for names as written.
    """
    special = _special_refusal(node)
    if special is not None:
        return special
    for kind in type(node).__mro__:
        if kind in _REFUSED_NODES:
            return _REFUSED_NODES[kind]
    if isinstance(node, exp.Anonymous):
        return None if _is_own_call(node) else _function_refusal(str(node.this))
    if isinstance(node, exp.RespectNulls | exp.IgnoreNulls) and isinstance(
        node.this, exp.AnyValue | exp.First | exp.Last
    ):
        return refusal_of(node.this, allowed, text)
    if type(node) in allowed:
        return None
    if isinstance(node, exp.IgnoreNulls) and not isinstance(node.parent, exp.Window):
        # sqlglot's reading of any_value(x)
        return refusal_of(node.this, allowed, text)
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
    if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Table):
        return "M501", "Joins in parentheses are refused: write a derived table, with a name."
    if isinstance(node, exp.Tuple) and not isinstance(node.parent, exp.Values | exp.Distinct):
        return "M501", "Values in parentheses are refused: compare them one by one."
    if isinstance(node, exp.Join):
        return _join_refusal(node)
    if isinstance(node, exp.Window):
        return _window_refusal(node)
    if isinstance(node, WINDOW_ONLY) and not _has_over(node):
        return "M205", f"{node.sql_name().lower()} needs OVER: over (order by ...)."
    if isinstance(node, exp.Limit) and node.find(exp.LimitOptions):
        options = node.find(exp.LimitOptions)
        if options is not None and options.args.get("percent"):
            return "M502", "LIMIT with a percentage is refused."
    if isinstance(node, exp.Table):
        return _table_refusal(node)
    if isinstance(node, exp.Literal) and not node.is_string:
        return _number_refusal(node)
    if isinstance(node, exp.Cast):
        return _type_refusal(node.to)
    is_in_call = isinstance(node, exp.Distinct) and not isinstance(node.parent, exp.Select)
    if is_in_call and len(node.expressions) != 1:
        return "M501", "DISTINCT takes one value here."
    return None


def _join_refusal(node: exp.Join) -> tuple[str, str] | None:
    method, kind, side = node.method, node.kind, node.side
    if method == "NATURAL":
        return "M505", "NATURAL JOIN is refused: name the columns that are equal."
    if method not in ("", "ASOF") or kind not in ("", "INNER", "OUTER", "CROSS", "SEMI", "ANTI"):
        return "M501", "This kind of join is refused."
    if method == "ASOF" and (side not in ("", "LEFT") or kind not in ("", "INNER", "OUTER")):
        return "M501", "An ASOF join is inner or LEFT."
    return None


def _window_refusal(node: exp.Window) -> tuple[str, str] | None:
    spec = node.args.get("spec")
    if isinstance(node.this, exp.Func) and node.this.find(exp.Explode):
        return "M205", "UNNEST cannot stand in a window."
    if spec is not None and isinstance(node.args.get("over"), str) and node.args["over"] != "OVER":
        return "M205", "A window is written OVER (...)."
    return None


def _has_over(node: exp.Expr) -> bool:
    above = node.parent
    while isinstance(above, exp.Filter | exp.IgnoreNulls | exp.RespectNulls):
        above = above.parent
    return isinstance(above, exp.Window)


def _table_refusal(node: exp.Table) -> tuple[str, str] | None:
    if node.args.get("db") or node.args.get("catalog"):
        return "M202", "A metric reads `events` alone, without a schema before the name."
    if isinstance(node.this, exp.Identifier):
        name = node.name
        if any(mark in name for mark in FILE_MARKS):
            return "M203", f"{name} is a file. A metric reads `events` alone."
        return None
    if isinstance(node.this, exp.GenerateSeries):
        return None
    name = node.this.name if isinstance(node.this, exp.Anonymous) else ""
    code, message = refusal_of_function(name) if name else ("M204", "")
    if code == "M203" or isinstance(node.this, exp.ReadParquet | exp.ReadCSV):
        return "M203", message or "A metric reads `events` alone, no files."
    return "M201", "A function cannot stand in FROM. A metric reads `events` alone."


def _number_refusal(node: exp.Literal) -> tuple[str, str] | None:
    digits = sum(character.isdigit() for character in node.name)
    if "e" not in node.name.lower() and digits <= DIGITS_MAX:
        return None
    return "M401", "This is read in floating point: write it without exponent, in 38 digits."


def _type_refusal(to: exp.DataType) -> tuple[str, str] | None:
    name = to.this.name if isinstance(to.this, exp.DType) else str(to.this)
    if name in _FLOAT_TYPES:
        return "M401", "A floating-point number is not exact: cast to decimal(38, 12)."
    if name == "DECIMAL":
        if to.meta.get("is_bare") or len(to.expressions) != 2:
            return "M402", (
                "A decimal needs its places: decimal(38, 12), or decimal(38, 0) for whole numbers."
            )
        precision, scale = (int(param.name) for param in to.expressions)
        if not (1 <= precision <= DIGITS_MAX and 0 <= scale <= min(precision, PLACES)):
            return "M402", "A decimal has at most 38 digits, at most 12 of them places."
        return None
    if name in CAST_TYPES and not to.expressions:
        return None
    return "M205", f"A metric cannot cast to {to.sql('duckdb').lower()}."


def _is_own_call(node: exp.Anonymous) -> bool:
    name = str(node.this).lower()
    count = 0 if name in (WINDOW_START, WINDOW_END) else 1
    return name in OWN_FUNCTIONS and len(node.expressions) == count


def _written_name(node: exp.Expr, text: str) -> str:
    start, end = node.meta.get("start"), node.meta.get("end")
    if isinstance(start, int) and isinstance(end, int):
        return text[start : end + 1]
    # Some calls lose their name when read: it stands before the first argument's parenthesis.
    span = span_of(node, text)
    before = (
        re.search(r"(\w+)\s*\(\s*(?:distinct\s+)?$", text[: span.start], re.I) if span else None
    )
    if before is not None:
        return before[1]
    return str(node.sql_name()).lower() if isinstance(node, exp.Func) else type(node).__name__


def _function_refusal(name: str) -> tuple[str, str]:
    if name.lower() in OWN_FUNCTIONS:
        given = "no argument" if name.lower() in (WINDOW_START, WINDOW_END) else "one argument"
        return "M205", f"{name} takes {given}."
    code, message = refusal_of_function(name)
    if message:
        return code, message
    return code, f"{name} is not a function that a metric may call.{nearest(name, FUNCTION_NAMES)}"
