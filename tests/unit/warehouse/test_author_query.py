"""What the slow way of a proof spells out for the engine, against Python's decimals."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from itertools import product

import duckdb
import pytest

from bursar.warehouse.author_query import TEXT_NUMBER_MACROS, author_query
from bursar.warehouse.proof_rows import number_of

NUMBERS = ("0", "1", "-1", "3", "-7", "0.000000000001", "-0.5", "12345.678", "99999999999999")


TEXTS = (
    *(
        "1",
        " 1.50 ",
        "+7",
        "-0.0",
        "1.",
        ".5",
        "1_000",
        "",
        "x",
        "1e3",
        "1.e3",
        "1.25E-2",
        "-3e-13",
    ),
    *("5e-13", "4.9e-13", "0e999999999999", "1e26", "9.9e25", "1e-999999999999", "-0.00012e+5"),
    *("99999999999999999999999999.9999999999995", "1e", "e5", "1e5.0", "\t1", "00001e1", "--1"),
)


def _rows(text: str) -> list[tuple[object, ...]]:
    with duckdb.connect(":memory:") as connection:
        for macro in TEXT_NUMBER_MACROS:
            connection.execute(macro)
        connection.execute("create table events (g varchar, n decimal(38, 12))")
        connection.execute("insert into events values ('a', 1), ('a', 2), ('b', 5), ('b', null)")
        return connection.execute(author_query(text)).fetchall()


def test_quotients_round_half_away_from_zero_at_12_places() -> None:
    for a, b in product(map(Decimal, NUMBERS), repeat=2):
        # Beyond this no quotient is written, and the scope is left out of the proof.
        if b != 0 and abs(a / b) >= 10**26:
            continue
        [(found,)] = _rows(f"select ({a:f}) / ({b:f})")
        with localcontext(prec=90):
            expected = None if b == 0 else (a / b).quantize(Decimal("1e-12"), ROUND_HALF_UP)
        assert found == expected, (a, b)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select avg(n) from events", "2.666666666667"),
        ("select median(n) from events", "2"),
        ("select quantile_cont(n, 0.25) from events", "1.5"),
        ("select sum(n / 3) from events", "2.666666666667"),
        ("select avg(n) filter (where g = 'a') from events", "1.5"),
        ("select max(n) / (select count(*) from events) from events", "1.25"),
        (
            "select sum(n) from events as e"
            " where n >= (select avg(f.n) / max(f.n) from events as f where f.g = e.g)",
            "8",
        ),
    ],
)
def test_division_stands_beside_aggregates_and_subqueries(text: str, expected: str) -> None:
    [(found,)] = _rows(text)
    assert found == Decimal(expected)


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_the_number_that_python_reads(text: str) -> None:
    [(found,)] = _rows(f"select cast(max(t.x) as decimal(38, 12)) from (select '{text}' as x) as t")
    assert found == number_of(text)
