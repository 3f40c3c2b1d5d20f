"""A SQL metric's own text, made to run on one scope's events: the slow way of its proof.

Owns what only Bursar gives a meaning to, spelled out for the engine: properties as fields of a
struct, text as a number, exact division, `latest` and `earliest`. It shares nothing with the
compiler: names are not resolved here, nothing is typed and nothing is lifted.

The compiler's own forms have lambdas, which the engine does not bind beside subqueries and around
aggregates. The forms here repeat their operands instead.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeGuard

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel

from bursar.metrics.columns import quote_name

# The same numbers beside the texts, parsed in Python.
TEXTS, NUMBERS = "properties", "numbers"
_STRUCTS = (TEXTS, NUMBERS)
_AGGREGATE_WRAPPERS = (exp.Filter, exp.Window, exp.IgnoreNulls, exp.RespectNulls)
_AS_THEIR_OPERAND = (
    *_AGGREGATE_WRAPPERS,
    *(exp.Paren, exp.Alias, exp.Max, exp.Min, exp.FirstValue, exp.LastValue, exp.Lag, exp.Lead),
)
_NUMBERS_BY_FORM = (
    *(exp.Sum, exp.Count, exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.RowNumber, exp.Rank),
    *(exp.DenseRank, exp.Ntile, exp.PercentileDisc),
    # What a percentile ends with here; authors have none.
    exp.Bracket,
)


def _units(value: str) -> str:
    """A decimal as a whole number of 10^-12: its digits without the point."""
    text = f"cast(cast({value} as decimal(38, 12)) as varchar)"
    return f"cast(replace({text}, '.', '') as hugeint)"


def _quotient(dividend: str, divisor: str) -> str:
    """Half away from zero at 12 places."""
    a, b = _units(dividend), f"nullif({_units(divisor)}, 0)"
    return (
        f"cast(cast({a} // {b} as decimal(38, 0)) + sign({a}) * sign({b}) * 0.000000000001"
        f" * cast((2 * abs({a} % {b}) * 1000000000000 + abs({b})) // (2 * abs({b}))"
        " as decimal(15, 0)) as decimal(38, 12))"
    )


_PLAIN = " *[+-]?[0-9]+([.][0-9]+)? *"
_SCIENTIFIC = " *([+-]?)([0-9]+)([.]([0-9]+))?[eE]([+-]?[0-9]+) *"
_SIGN, _WHOLE, _FRACTION, _EXPONENT = (
    f"regexp_extract(t, '{_SCIENTIFIC}', {group})" for group in (1, 2, 4, 5)
)
_ZEROS_BEFORE, _ZEROS_AFTER = "0" * 13, "0" * 26
# A text as a number. With an exponent it is digits, and a point that stands after so many of them.
TEXT_NUMBER_MACROS = (
    f"""
    create macro digits_number(s, digits, point) as case
        when digits = '' or point < -12 then cast(0 as decimal(38, 12))
        when point <= 26 then try_cast(
            s || left('{_ZEROS_BEFORE}' || digits || '{_ZEROS_AFTER}', cast(13 + point as integer))
            || '.' || substring(
                '{_ZEROS_BEFORE}' || digits || '{_ZEROS_AFTER}', cast(14 + point as integer)
            ) || '0' as decimal(38, 12)
        )
    end
    """,
    """
    create macro scientific_number(s, whole, fraction, exponent) as digits_number(
        s,
        ltrim(whole || fraction, '0'),
        length(ltrim(whole || fraction, '0')) - length(fraction) + coalesce(
            try_cast(exponent as integer),
            case when starts_with(exponent, '-') then -99999999 else 99999999 end
        )
    )
    """,
    f"""
    create macro text_number(t) as case
        when regexp_full_match(t, '{_PLAIN}') then try_cast(t as decimal(38, 12))
        when regexp_full_match(t, '{_SCIENTIFIC}')
            then scientific_number({_SIGN}, {_WHOLE}, {_FRACTION}, {_EXPONENT})
    end
    """,
)


def field_name(key: str) -> str:
    """A property as a field of a struct, whose names ignore case; keys do not."""
    return quote_name(key if key == key.lower() else f"{key}_{key.encode().hex()}")


def author_query(text: str) -> str:
    """The author's text as SQL over a table `events` of one scope.

    It calls the macros `window_start` and `window_end`, which the caller defines, and those of
    TEXT_NUMBER_MACROS, which it makes.
    """
    tree = sqlglot.parse_one(text, dialect="duckdb")
    return _from_the_leaves(tree, _spelled_out).sql(
        # It warns of EXCLUDE in a window, and writes it.
        "duckdb",
        comments=False,
        unsupported_level=ErrorLevel.IGNORE,
    )


def _spelled_out(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Cast):
        return _cast(node)
    if _is_property(node):
        return _struct_field(node, TEXTS)
    if isinstance(node, exp.Div):
        return _parsed(_quotient("a_", "b_"), a_=node.this, b_=node.expression)
    if isinstance(node, exp.Avg | exp.Filter | exp.Window) and _averaged(node) is not None:
        return _average(node)
    if isinstance(node, exp.IntDiv | exp.Mod):
        zero = exp.Literal.number(0)
        node.set("expression", exp.Nullif(this=exp.Paren(this=node.expression), expression=zero))
        return node
    if isinstance(node, exp.Filter | exp.Median | exp.PercentileCont):
        return _percentile(node)
    if isinstance(node, exp.Anonymous):
        return _own_function(node)
    if isinstance(node, exp.Select) and any(_is_named(p, TEXTS) for p in node.expressions):
        return node.select(NUMBERS)
    return node


def _is_named(node: exp.Expr, name: str) -> bool:
    return isinstance(node, exp.Column) and node.name == name and len(node.parts) == 1


def _cast(node: exp.Cast) -> exp.Expr:
    """No cast fails; a text becomes a number as metrics.md says, which the engine does not."""
    if not node.to.is_type(*exp.DataType.NUMERIC_TYPES):
        return exp.TryCast(this=node.this, to=node.to)
    if _is_property(node.this):
        return exp.TryCast(this=_struct_field(node.this, NUMBERS), to=node.to)
    if _is_number(node.this):
        return exp.TryCast(this=node.this, to=node.to)
    to = node.to.sql("duckdb")
    return _parsed(
        "case when typeof(a_) = 'VARCHAR'"
        f" then try_cast(text_number(cast(a_ as varchar)) as {to}) else try_cast(a_ as {to}) end",
        a_=node.this,
    )


def _is_number(node: exp.Expr) -> bool:
    """Whether an expression is a number by its form, never text."""
    if isinstance(node, exp.Case):
        results = [branch.args["true"] for branch in node.args["ifs"]]
        default = node.args.get("default")
        return all(_is_number(r) for r in [*results, *([default] if default is not None else [])])
    if isinstance(node, exp.Subquery):
        query = node.unnest()
        return isinstance(query, exp.Select) and _is_number(query.expressions[0])
    if isinstance(node, _AS_THEIR_OPERAND):
        return _is_number(node.this)
    if isinstance(node, exp.Cast):
        return node.to.is_type(*exp.DataType.NUMERIC_TYPES)
    if isinstance(node, exp.Literal):
        return not node.is_string
    return isinstance(node, _NUMBERS_BY_FORM)


def _averaged(node: exp.Expr) -> exp.Avg | None:
    """The average inside FILTER and OVER; None unless this is the outermost of them."""
    if isinstance(node.parent, _AGGREGATE_WRAPPERS) and node.arg_key == "this":
        return None
    inner = node
    while isinstance(inner, _AGGREGATE_WRAPPERS):
        inner = inner.this
    return inner if isinstance(inner, exp.Avg) else None


def _average(node: exp.Expr) -> exp.Expr:
    """Sum by count, each with the FILTER and the OVER that the average has."""
    total, count = (_with_aggregate(node, kind) for kind in (exp.Sum, exp.Count))
    return _parsed(_quotient("a_", "b_"), a_=total, b_=count)


def _with_aggregate(node: exp.Expr, kind: type[exp.Expr]) -> exp.Expr:
    if isinstance(node, exp.Avg):
        return kind(this=node.this.copy())
    copy = node.copy()
    copy.set("this", _with_aggregate(node.this, kind))
    return copy


def _percentile(node: exp.Expr) -> exp.Expr:
    """A point between two elements, which the engine cuts to the elements' own places."""
    inner = node.this if isinstance(node, exp.Filter) else node
    if node is inner and isinstance(node.parent, exp.Filter):
        return node
    if not isinstance(inner, exp.Median | exp.PercentileCont) or inner.this is None:
        return node
    given = inner.args.get("expression")
    share = given.name if given is not None else "0.5"
    if isinstance(inner, exp.PercentileCont) and given is None:
        return node
    unit = 10 ** len(share.partition(".")[2])
    whole = int(share.replace(".", ""))
    at, rest = f"(len(l) - 1) * {whole} // {unit}", f"((len(l) - 1) * {whole} % {unit})"
    between = _quotient(
        f"l[{at} + 1] * ({unit} - {rest}) + l[least({at} + 2, len(l))] * {rest}", str(unit)
    )
    kept: exp.Expr = exp.Not(this=exp.Is(this=inner.this.copy(), expression=exp.Null()))
    kept = exp.and_(kept, node.expression.this) if isinstance(node, exp.Filter) else kept
    values = exp.Filter(this=exp.ArrayAgg(this=inner.this), expression=exp.Where(this=kept))
    return _parsed(f"list_transform([list_sort(values_)], lambda l: {between})[1]", values_=values)


def _own_function(node: exp.Anonymous) -> exp.Expr:
    name = str(node.this).lower()
    if name not in ("latest", "earliest"):
        return node
    extreme = exp.ArgMax if name == "latest" else exp.ArgMin
    read = next(iter(node.expressions[0].find_all(exp.Column)), None)
    # The field of a struct has its relation's name before the struct's.
    names = [part.name for part in read.parts] if read is not None else []
    table = f"{quote_name(names[0])}." if len(names) > 1 and names[0] not in _STRUCTS else ""
    order = sqlglot.parse_one(f'row({table}"timestamp", {table}transaction_id)', dialect="duckdb")
    return extreme(this=node.expressions[0], expression=order)


def _from_the_leaves(node: exp.Expr, change: Callable[[exp.Expr], exp.Expr]) -> exp.Expr:
    """Applies a change to every node, parts before wholes; a property access is one node."""
    if not (isinstance(node, exp.Cast) and _is_property(node.this)) and not _is_property(node):
        for key, value in list(node.args.items()):
            if isinstance(value, exp.Expr):
                node.set(key, _from_the_leaves(value, change))
            elif isinstance(value, list):
                done = [
                    _from_the_leaves(v, change) if isinstance(v, exp.Expr) else v for v in value
                ]
                node.set(key, done)
    return change(node)


def _is_property(node: exp.Expr) -> TypeGuard[exp.Column]:
    if not isinstance(node, exp.Column) or isinstance(node.this, exp.Star):
        return False
    return len(node.parts) > 1 and node.parts[-2].name.lower() == TEXTS


def _struct_field(node: exp.Column, struct: str) -> exp.Expr:
    lead = "".join(f"{part.sql('duckdb')}." for part in node.parts[:-2])
    return sqlglot.parse_one(f"{lead}{struct}.{field_name(node.name)}", dialect="duckdb")


def _parsed(sql: str, **parts: exp.Expr) -> exp.Expr:
    tree = sqlglot.parse_one(sql, dialect="duckdb")

    def replace(node: exp.Expr) -> exp.Expr:
        is_part = isinstance(node, exp.Column) and not node.table and node.name in parts
        return parts[node.name].copy() if is_part else node

    return tree.transform(replace)
