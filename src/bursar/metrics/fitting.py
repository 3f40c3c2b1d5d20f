"""What several parts of the typing pass share: numbers of one type, conditions, examples.

Owns when numbers of several types may meet, so that the engine neither cuts digits nor fails where
it would unify them.
"""

from __future__ import annotations

from sqlglot import exp

from bursar.metrics.exact import PLACES
from bursar.metrics.kinds import BOOLEAN, NOTHING, Kind, kind_of, with_kind
from bursar.metrics.parsing import DIALECT, span_of
from bursar.metrics.work import Work

_SMALL = 10**9


def condition(work: Work, node: exp.Expr, where: str) -> exp.Expr:
    """An expression, elaborated, that must be a condition."""
    done = work.settled(node)
    kind = kind_of(done)
    if kind.known and kind.name not in (BOOLEAN, NOTHING):
        work.add("M205", f"{where} takes a condition; this is {kind.name}.", node)
    return done


def numbers(work: Work, items: list[exp.Expr], node: exp.Expr, what: str) -> bool:
    """Whether all are numbers; a problem for each that is not."""
    good = True
    for item in items:
        kind = kind_of(item)
        if kind.is_text:
            message = f"{what} of text: cast it, {cast_example(item, work.text)}."
            work.add("M406", message, item if span_of(item, work.text) else node)
        elif kind.known and not kind.is_numeric and kind.name != NOTHING:
            work.add("M205", f"{what} takes numbers; this is {kind.name}.", item)
        good = good and (kind.is_numeric or kind.name == NOTHING)
    return good


def narrow(work: Work, parts: list[exp.Expr], node: exp.Expr) -> bool:
    """Whether all numbers have at most the places that division is exact at; a problem if not."""
    wide = [part for part in parts if kind_of(part).scale > PLACES]
    if wide:
        message = (
            "A number with more than 12 places cannot be divided: cast it to at most 12 first."
        )
        work.add("M410", message, node)
    return not wide


def unified(work: Work, items: list[exp.Expr], node: exp.Expr) -> list[exp.Expr]:
    """Numbers of one type, so that the engine, unifying them, neither cuts nor fails."""
    kinds = [kind_of(item) for item in items]
    if not any(k.is_decimal for k in kinds) or not all(
        k.is_numeric or k.name == NOTHING for k in kinds
    ):
        return items
    decimals = {k.name for k in kinds if k.is_decimal}
    if len(decimals) == 1 and all(
        k.is_decimal or k.name == NOTHING or (k.is_literal and k.bound < _SMALL) for k in kinds
    ):
        return items
    work.query.departs = True
    scale = max(k.scale for k in kinds)
    if scale > PLACES:
        message = (
            f"Numbers with {scale} places cannot be compared or chosen between: cast to at most 12."
        )
        work.add("M410", message, node)
        return items
    target = Kind(f"DECIMAL(38,{scale})")
    return [fitted(item, target) for item in items]


def fitted(node: exp.Expr, target: Kind) -> exp.Expr:
    """A number as another type; null where it does not fit."""
    kind = kind_of(node)
    if kind.name in (target.name, NOTHING):
        return node
    fits = kind.bound < target.capacity
    cast = (exp.Cast if fits else exp.TryCast)(
        this=node, to=exp.DataType.build(target.name, DIALECT)
    )
    return with_kind(cast, Kind(target.name, min(kind.bound, target.capacity)))


def cast_example(node: exp.Expr, text: str) -> str:
    """How to cast what is written there."""
    span = span_of(node, text)
    written = text[span.start : span.end] if span is not None else "x"
    if not written.replace(".", "").replace("_", "").isalnum():
        return "such as x::decimal(38, 12)"
    return f"such as {written}::decimal(38, 12)"


def compared_with_number(node: exp.Expr) -> str:
    """What to do where text and number are compared."""
    if isinstance(node, exp.Literal):
        return "A number is compared with text: write the number without quotes."
    return "A property is text: cast it to compare it with a number, such as ::decimal(38, 12)."
