"""Numbers and arithmetic in compiled SQL are Decimal's, digit for digit, and nothing fails."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bursar.metrics import exact
from bursar.warehouse.proof_rows import number_of

CONNECTION = duckdb.connect(":memory:")
PLACES = Decimal("1e-12")
DIGITS = st.text("0123456789", min_size=1, max_size=45) | st.text("0459", min_size=1, max_size=45)
EXPONENTS = st.integers(-60, 60) | st.sampled_from([10**12, -(10**12), 10**30, -(10**30)])


@st.composite
def numbers_as_text(draw: st.DrawFn) -> str:
    fraction = draw(st.just("") | DIGITS.map(lambda digits: f".{digits}"))
    exponent = draw(
        st.just("") | EXPONENTS.map(lambda e: f"e{e:+d}") | EXPONENTS.map(lambda e: f"E{e}")
    )
    blanks = st.sampled_from(["", " ", "   "])
    sign = draw(st.sampled_from(["", "+", "-"]))
    return f"{draw(blanks)}{sign}{draw(DIGITS)}{fraction}{exponent}{draw(blanks)}"


def parsed(text: str) -> Decimal | None:
    query = f"select {exact.text_to_number('t')} from (select cast(? as varchar) as t)"
    (row,) = CONNECTION.execute(query, [text]).fetchall()
    assert row[0] is None or isinstance(row[0], Decimal)
    return row[0]


@settings(max_examples=500, deadline=None)
@given(numbers_as_text())
@example("12345678901234567890123456789e-5")
@example("99999999999999999999999999.999999999999")
@example("99999999999999999999999999.9999999999994")
@example("0.0000000000005")
@example("-0.00000000000049999999999999999999999999999999999")
@example("5e-13")
@example("1e26")
@example("00000000000000000000000000000000000000000000000000000000000000001e25")
@example("0e999999999999")
def test_a_text_is_the_number_that_it_reads(text: str) -> None:
    assert parsed(text) == number_of(text)


def test_a_number_that_rounds_to_the_limit_is_none() -> None:
    assert parsed("99999999999999999999999999.9999999999995") is None


@settings(max_examples=500, deadline=None)
@given(st.text(st.sampled_from("0123456789.eE+-_ \t\n,x\uff11")) | st.text())
@example("1_000")
@example("1.")
@example(".5")
@example("")
@example("\t5")
@example("5\n")
@example("\uff11\uff12")
@example("nan")
@example("1e5.5")
@example("+ 1")
def test_any_other_text_is_null(text: str) -> None:
    assert parsed(text) == number_of(text)


def decimals(digits: int) -> st.SearchStrategy[Decimal]:
    units = st.integers(-(10**digits) + 1, 10**digits - 1) | st.integers(-99, 99)
    return units.map(lambda n: Decimal(f"{n}e-12"))


def on_engine(template: str, *values: Decimal) -> Decimal | None:
    columns = ", ".join(
        f"cast('{value:f}' as decimal(38, 12)) as {name}"
        for value, name in zip(values, "ab", strict=False)
    )
    (row,) = CONNECTION.execute(f"select {template} from (select {columns})").fetchall()
    assert row[0] is None or isinstance(row[0], Decimal)
    return row[0]


def quotient(a: Decimal, b: Decimal) -> Decimal | None:
    if b == 0:
        return None
    with localcontext(prec=200):
        found = (a / b).quantize(PLACES, ROUND_HALF_UP)
    return found if abs(found) < Decimal(10) ** 26 else None


@settings(max_examples=500, deadline=None)
@given(decimals(38), decimals(32))
@example(Decimal("99999999999999999999999999.999999999999"), Decimal("0.000000000001"))
@example(Decimal("-1"), Decimal("3"))
@example(Decimal("-0.000000000001"), Decimal("2"))
@example(Decimal("1"), Decimal("0"))
def test_division_is_exact_and_rounds_half_away_from_zero(a: Decimal, b: Decimal) -> None:
    assert on_engine(exact.divide("a", "b"), a, b) == quotient(a, b)


@settings(max_examples=200, deadline=None)
@given(decimals(38), decimals(38))
def test_division_by_a_huge_number_is_exact_or_null(a: Decimal, b: Decimal) -> None:
    assert on_engine(exact.divide("a", "b"), a, b) in (None, quotient(a, b))


@settings(max_examples=200, deadline=None)
@given(decimals(38), decimals(38))
def test_a_whole_quotient_goes_toward_zero(a: Decimal, b: Decimal) -> None:
    with localcontext(prec=80):
        expected = None if b == 0 else a // b
    assert on_engine(exact.whole_quotient("a", "b"), a, b) == expected


@pytest.mark.parametrize("size", [1, 5])
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_sum_never_overflows_and_is_exact_below_the_limit(data: st.DataObject, size: int) -> None:
    values = data.draw(st.lists(decimals(38), min_size=size, max_size=size))
    rows = ", ".join(f"(cast('{value:f}' as decimal(38, 12)))" for value in values)
    ordinary, huge, fraction = exact.sum_parts("a")
    query = (
        f"select {exact.sum_of_parts('o', 'h', 'f')} from"
        f" (select {ordinary} as o, {huge} as h, {fraction} as f from (values {rows}) as t(a))"
    )
    (row,) = CONNECTION.execute(query).fetchall()
    with localcontext(prec=80):
        total = sum(values, Decimal(0))
    if abs(total) < Decimal(10) ** 25:
        assert row[0] == total
    else:
        assert row[0] in (None, total)


def test_a_sum_of_nothing_is_null() -> None:
    ordinary, huge, fraction = exact.sum_parts("a")
    query = (
        f"select {exact.sum_of_parts('o', 'h', 'f')} from (select {ordinary} as o, {huge} as h,"
        f" {fraction} as f from (select cast(null as decimal(38, 12)) as a))"
    )
    assert CONNECTION.execute(query).fetchall() == [(None,)]
