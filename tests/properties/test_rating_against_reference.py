"""The models agree with the slow rater, to the last digit, on random books of contracts.

BURSAR_FUZZ_BOOKS says how many books; they are built a shelf at a time.
"""

from __future__ import annotations

import os
from dataclasses import astuple
from pathlib import Path

import duckdb
import pytest

from tests.support.random_books import AS_OF, METRICS, random_book, shelf
from tests.support.reference_rater import rate
from tests.support.written_books import built_book, comparable_rows

BOOK_COUNT = int(os.environ.get("BURSAR_FUZZ_BOOKS", "12"))
BOOKS_PER_SHELF = 50
SHELVES = range(0, BOOK_COUNT, BOOKS_PER_SHELF)
LINES = """
    select
        contract_id, invoices.period_start, line_type, coalesce(product_id, ''),
        coalesce(pricing_group_values, ''), coalesce(presentation_group_values, ''),
        case when line_type in ('usage', 'flat_fee') then starting_at end, tier_start,
        pricing_unit, quantity, unit_price,
        case when line_type in ('usage', 'flat_fee') then list_price end, amount,
        case when line_type in ('usage', 'flat_fee') then coalesce(override_id, '') else '' end
    from billing.invoice_line_items
    inner join billing.invoices using (invoice_id, contract_id)
    where line_type <> 'rounding'
"""
UNRATED = """
    select
        contract_id, product_id, starting_at, coalesce(pricing_group_values, ''),
        coalesce(presentation_group_values, ''), quantity, reason
    from billing.unrated_usage
"""


@pytest.mark.parametrize("first", SHELVES)
def test_models_agree_with_the_slow_rater(first: int, tmp_path: Path) -> None:
    last = min(first + BOOKS_PER_SHELF, BOOK_COUNT)
    books = [random_book(seed, contract_count=16, event_count=500) for seed in range(first, last)]
    bills = [rate(book.catalog, METRICS, book.events, AS_OF) for book in books]
    project = built_book(shelf(books), tmp_path)
    with duckdb.connect(str(project.published_database), read_only=True) as connection:
        lines = connection.execute(LINES).fetchall()
        unrated = connection.execute(UNRATED).fetchall()
        totals = connection.execute("select contract_id, period_start, total from billing.invoices")
        expected_lines = [astuple(line) for bill in bills for line in bill.lines]
        expected_unrated = [astuple(row) for bill in bills for row in bill.unrated]
        assert comparable_rows(lines) == comparable_rows(expected_lines)
        assert comparable_rows(unrated) == comparable_rows(expected_unrated)
        expected = {key: total for bill in bills for key, total in bill.totals.items()}
        assert {(c, p): t for c, p, t in totals.fetchall()} == expected
