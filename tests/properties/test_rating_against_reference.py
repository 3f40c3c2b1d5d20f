"""The models agree with the slow rater, to the last digit, on random books of contracts.

BURSAR_FUZZ_BOOKS says how many books; they are built a shelf at a time.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from bursar.landing import LandOptions, land
from bursar.project import Project
from bursar.scaffold.new_project import new_project
from bursar.warehouse.build import build
from tests.support.random_books import AS_OF, METRICS, Book, random_book, shelf
from tests.support.reference_lines import Line, Unrated
from tests.support.reference_rater import rate
from tests.support.written_books import event_line, write_catalog, write_metrics

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
    project = _build(shelf(books), tmp_path)
    with duckdb.connect(str(project.published_database), read_only=True) as connection:
        lines = [Line(*row) for row in connection.execute(LINES).fetchall()]
        unrated = [Unrated(*row) for row in connection.execute(UNRATED).fetchall()]
        totals = connection.execute("select contract_id, period_start, total from billing.invoices")
        assert _texts(lines) == _texts(line for bill in bills for line in bill.lines)
        assert _texts(unrated) == _texts(row for bill in bills for row in bill.unrated)
        expected = {key: total for bill in bills for key, total in bill.totals.items()}
        assert {(c, p): t for c, p, t in totals.fetchall()} == expected


def _texts(rows: Iterable[Any]) -> list[str]:
    """Rows as comparable texts, numbers without trailing zeros."""
    return sorted(" ".join(map(_text, vars(row).values())) for row in rows)


def _text(value: Any) -> str:
    return format((value + 0).normalize(), "f") if isinstance(value, Decimal) else str(value)


def _build(book: Book, folder: Path) -> Project:
    project = new_project(folder / "project")
    write_catalog(project, book.catalog)
    write_metrics(project)
    events = folder / "events.ndjson"
    events.write_text("".join(event_line(event) + "\n" for event in book.events))
    as_of = AS_OF.replace(tzinfo=UTC)
    options = LandOptions(received_at=as_of, is_backfill=True, promoted=("n", "model"))
    land(project, [str(events)], options)
    build(project, as_of=as_of)
    return project
