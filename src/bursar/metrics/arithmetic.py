"""Arithmetic: exact, and null instead of an error.

Owns + - * / // %, signs and rounding. The SQL of exact division is ``bursar.metrics.exact``'s.
"""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from bursar.errors import Severity
from bursar.metrics import exact
from bursar.metrics.fitting import narrow, numbers, unified
from bursar.metrics.kinds import NUMBER, Kind, integer_kind, is_time, kind_of, with_kind
from bursar.metrics.work import Work, snippet


def arithmetic(work: Work, node: exp.Expr) -> exp.Expr:
    """+ - * and signs; what may overflow says so, and is wrapped in `try` by who uses it."""
    keys = [key for key in ("this", "expression") if node.args.get(key) is not None]
    parts = [work.visit(node.args[key]) for key in keys]
    for key, part in zip(keys, parts, strict=True):
        node.set(key, part)
    if any(is_time(kind_of(part)) for part in parts):
        return _moved(work, node, parts)
    if not numbers(work, parts, node, "Arithmetic"):
        return work.unknown(node)
    kinds = [kind_of(part) for part in parts]
    if isinstance(node, exp.Neg) and kinds[0].is_literal:
        return with_kind(node, kinds[0])
    bounds = [kind.bound for kind in kinds]
    bound = bounds[0] * bounds[1] if isinstance(node, exp.Mul) else sum(bounds, Decimal(0))
    done = work.ask(node, bound)
    kind = kind_of(done)
    if kind.known and kind.scale > exact.PLACES and isinstance(node, exp.Mul):
        message = (
            f"This product has {kind.scale} places, so it is null from {kind.capacity:.0e} on.\n"
            "Cast the factors to fewer places, at most 12 in all, such as decimal(38, 6)."
        )
        work.add("M410", message, node, severity=Severity.WARNING)
    narrow = min((k.capacity for k in (kind, *_narrowest(kinds))), default=kind.capacity)
    is_sign = isinstance(node, exp.Neg | exp.Abs) and kind.is_decimal
    done.meta["may_overflow"] = (not is_sign and bound >= narrow) or any(
        part.meta.get("may_overflow") for part in parts
    )
    return done


def _moved(work: Work, node: exp.Expr, parts: list[exp.Expr]) -> exp.Expr:
    """Times and lengths of time, added or taken apart; null beyond the engine's calendar."""
    if not all(kind_of(part).known for part in parts):
        return work.unknown(node)
    if any(kind_of(part).is_text for part in parts):
        work.add("M406", "A length of time is written interval '1 hour'.", node)
        return work.unknown(node)
    done = work.ask(node)
    done.meta["may_overflow"] = True
    return done


def division(work: Work, node: exp.Expr) -> exp.Expr:
    """`/`: exact at 12 places."""
    parts = [work.settled(node.this), work.settled(node.expression)]
    if not numbers(work, parts, node, "Division") or not narrow(work, parts, node):
        return work.unknown(node)
    work.add("M403", "`/` divides exactly at 12 places here.", node, severity=Severity.NOTE)
    return divided(*parts)


def whole_division(work: Work, node: exp.Expr) -> exp.Expr:
    """`//` and `%`, null where the divisor is 0."""
    parts = [work.settled(node.this), work.settled(node.expression)]
    what = "// " if isinstance(node, exp.IntDiv) else "% "
    if not numbers(work, parts, node, what.strip()) or not narrow(work, parts, node):
        return work.unknown(node)
    kinds = [kind_of(part) for part in parts]
    if isinstance(node, exp.IntDiv) and any(kind.is_decimal for kind in kinds):
        done = snippet(exact.whole_quotient("a_", "b_"), a_=parts[0], b_=parts[1])
        return with_kind(done, Kind("DECIMAL(38,0)", Decimal(10) ** 38))
    parts = unified(work, parts, node)
    node.set("this", _bracketed(parts[0]))
    guarded = with_kind(
        exp.Nullif(this=parts[1], expression=exp.Literal.number(0)), _unliteral(kind_of(parts[1]))
    )
    node.set("expression", guarded)
    done = work.ask(node, kinds[0].bound)
    done.meta["may_overflow"] = True
    return done


def rounding(work: Work, node: exp.Expr) -> exp.Expr:
    """round, floor, ceil and sign, which are exact on decimals."""
    node.set("this", work.settled(node.this))
    if not numbers(work, [node.this], node, "Rounding"):
        return work.unknown(node)
    places = node.args.get("decimals")
    if places is not None:
        number = places.this if isinstance(places, exp.Neg) else places
        if not isinstance(number, exp.Literal) or number.is_string or not number.name.isdigit():
            work.add("M205", "round takes a plain number of places.", node)
            return work.unknown(node)
        with_kind(number, integer_kind(int(number.name), is_literal=True))
        with_kind(places, integer_kind(int(number.name), is_literal=True))
    done = work.ask(node, kind_of(node.this).bound + 1)
    done.meta["may_overflow"] = isinstance(places, exp.Neg)
    return done


def divided(dividend: exp.Expr, divisor: exp.Expr) -> exp.Expr:
    """The exact quotient of two elaborated numbers."""
    done = snippet(exact.divide("a_", "b_"), a_=dividend, b_=divisor)
    return with_kind(done, NUMBER)


def _bracketed(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Binary | exp.Neg):
        return with_kind(exp.Paren(this=node), kind_of(node))
    return node


def _unliteral(kind: Kind) -> Kind:
    return Kind(kind.name, kind.bound)


def _narrowest(kinds: list[Kind]) -> list[Kind]:
    """The narrowest type that any engine version gives a sum of narrow decimals."""
    decimals = [kind for kind in kinds if kind.is_decimal and not kind.is_literal]
    if len(decimals) < 2 or max(kind.precision for kind in decimals) == 38:
        return []
    scale = max(kind.scale for kind in decimals)
    return [Kind(f"DECIMAL({max(max(k.precision for k in decimals), scale)},{scale})")]
