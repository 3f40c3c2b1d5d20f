"""Money's arithmetic on the engine is Decimal's, digit for digit."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Context, Decimal, localcontext

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.macros import load_macros

MACROS = load_macros()
PLACES_12 = Decimal(1).scaleb(-12)
CONNECTION = duckdb.connect()


def decimals(largest: str) -> st.SearchStrategy[Decimal]:
    bound = Decimal(largest)
    return st.decimals(-bound, bound, places=12) | st.sampled_from(
        [
            Decimal(n)
            for n in ("0.000000000001", "-0.000000000001", "0.5", "-0.5", "1", "-1", "3", "7")
        ]
    )


def on_engine(expression: str, *values: Decimal | str | int) -> Decimal:
    columns = ", ".join(
        f"cast('{v:f}' as decimal(38, 12)) as {n}" if isinstance(v, Decimal) else f"{v!r} as {n}"
        for n, v in zip("abc", values, strict=False)
    )
    (row,) = CONNECTION.execute(f"select {expression} from (select {columns})").fetchall()
    assert isinstance(row[0], Decimal)
    return row[0]


def exactly(compute: Callable[[], Decimal]) -> Decimal:
    with localcontext(Context(prec=120, rounding=ROUND_HALF_UP)):
        return compute().quantize(PLACES_12, ROUND_HALF_UP)


@settings(max_examples=300, deadline=None)
@given(decimals("1e18"), decimals("1e7"))
@example(Decimal("999999999999999999.999999999999"), Decimal("99999999.999999999999"))
@example(Decimal("1e14"), Decimal("1e11"))
@example(Decimal("-0.5"), Decimal("0.000000000001"))
def test_multiplying_is_exact_and_rounds_half_away_from_zero(a: Decimal, b: Decimal) -> None:
    assert on_engine(MACROS.multiply("a", "b"), a, b) == exactly(lambda: a * b)


@settings(max_examples=300, deadline=None)
@given(decimals("1e18"), decimals("1e18").filter(lambda b: abs(b) >= Decimal("1e-6")))
@example(Decimal("-1"), Decimal("3"))
@example(Decimal("1"), Decimal("-1.5"))
@example(Decimal("0.000000000001"), Decimal("2"))
@example(Decimal("-0.000000000001"), Decimal("2"))
def test_dividing_is_exact_and_rounds_half_away_from_zero(a: Decimal, b: Decimal) -> None:
    assert on_engine(MACROS.divide("a", "b"), a, b) == exactly(lambda: a / b)


def test_dividing_by_zero_gives_null() -> None:
    expression = MACROS.divide("cast(1 as decimal(38, 12))", "cast(0 as decimal(38, 12))")
    assert CONNECTION.execute(f"select {expression}").fetchall() == [(None,)]


def test_a_quotient_beyond_the_limits_is_an_error_not_a_wrong_number() -> None:
    with pytest.raises(duckdb.Error):
        on_engine(MACROS.divide("a", "b"), Decimal("1e20"), PLACES_12)


@settings(max_examples=300, deadline=None)
@given(decimals("1e18"), st.integers(0, 12), st.sampled_from(["up", "down", "half_up"]))
@example(Decimal("2.5"), 0, "half_up")
@example(Decimal("-2.5"), 0, "half_up")
@example(Decimal("-2.000000000001"), 0, "up")
def test_rounding_to_the_places_of_a_row(a: Decimal, places: int, method: str) -> None:
    rounding = {"up": ROUND_UP, "down": ROUND_DOWN, "half_up": ROUND_HALF_UP}[method]
    expected = a.quantize(Decimal(1).scaleb(-places), rounding, Context(prec=60))
    assert on_engine(MACROS.round_to_places("a", "b", "c"), a, places, method) == expected


@settings(max_examples=100, deadline=None)
@given(decimals("1e14"), st.integers(0, 4))
def test_rounding_to_minor_units_is_half_away_from_zero(a: Decimal, places: int) -> None:
    expected = a.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, Context(prec=60))
    assert on_engine(MACROS.round_to_places("a", "b"), a, places) == expected
