"""The models agree with the slow drawdown, to the last digit, on random books of customers.

BURSAR_FUZZ_BOOKS says how many books; they are built a shelf at a time. BURSAR_FUZZ_FIRST says
which is the first.
"""

from __future__ import annotations

import os
from dataclasses import astuple
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.support.random_balances import random_balances
from tests.support.random_books import AS_OF, METRICS, shelf
from tests.support.reference_balances import settle
from tests.support.reference_charges import BilledLine
from tests.support.reference_ledger import Entry
from tests.support.reference_subscriptions import Invoice
from tests.support.written_books import built_book, comparable_rows

FIRST_BOOK = int(os.environ.get("BURSAR_FUZZ_FIRST", "0"))
BOOK_COUNT = int(os.environ.get("BURSAR_FUZZ_BOOKS", "6"))
BOOKS_PER_SHELF = 50
SHELVES = range(FIRST_BOOK, FIRST_BOOK + BOOK_COUNT, BOOKS_PER_SHELF)
LINES = """
    select
        lines.contract_id, invoices.invoice_type, invoices.period_start, lines.line_type,
        coalesce(lines.product_id, ''), coalesce(lines.pricing_group_values, ''),
        coalesce(lines.presentation_group_values, ''),
        case
            when lines.line_type in ('commit_purchase', 'true_up', 'pricing_unit_conversion')
                then null
            else lines.starting_at
        end,
        lines.tier_start, lines.pricing_unit, lines.quantity, lines.unit_price, lines.amount,
        coalesce(lines.commit_id, ''), lines.commit_segment_starting_at, lines.is_summed
    from billing.invoice_line_items as lines
    inner join billing.invoices using (invoice_id)
    where lines.line_type <> 'rounding'
"""
TOTALS = "select contract_id, invoice_type, period_start, total from billing.invoices"
BALANCES = """
    select
        commit_id, coalesce(commit_name, ''), commit_type, segment_starting_at,
        segment_ending_before, customer_id, coalesce(contract_id, ''), pricing_unit, amount,
        adjusted, drawn_provisional, expired, rolled_over, trued_up, balance, cost_basis, priority
    from billing.balances
    where drawn = 0
"""
LEDGER = """
    select
        commit_id, segment_starting_at, entry_type, entry_at, amount, coalesce(invoice_id, ''),
        is_provisional
    from billing.balance_ledger
"""


@pytest.mark.parametrize("first", SHELVES)
def test_models_agree_with_the_slow_drawdown(first: int, tmp_path: Path) -> None:
    last = min(first + BOOKS_PER_SHELF, FIRST_BOOK + BOOK_COUNT)
    books = [random_balances(seed) for seed in range(first, last)]
    statements = [settle(book.catalog, METRICS, book.events, AS_OF) for book in books]
    project = built_book(shelf(books), tmp_path)
    with duckdb.connect(str(project.published_database), read_only=True) as connection:
        lines = [_line_row(line) for found in statements for line in found.lines]
        assert comparable_rows(_rows(connection, LINES)) == comparable_rows(lines)
        totals = [(*invoice, total) for s in statements for invoice, total in s.totals.items()]
        assert comparable_rows(_rows(connection, TOTALS)) == comparable_rows(totals)
        balances = [astuple(balance) for found in statements for balance in found.balances]
        assert comparable_rows(_rows(connection, BALANCES)) == comparable_rows(balances)
        entries = [_entry_row(entry) for found in statements for entry in found.ledger]
        assert comparable_rows(_rows(connection, LEDGER)) == comparable_rows(entries)


def _line_row(line: BilledLine) -> tuple[Any, ...]:
    """The line as the mart has it."""
    first, second, *rest = (getattr(line, name) for name in BilledLine.__dataclass_fields__)
    product_id, groups, *others = rest
    return (*first, second, product_id, *groups, *others)


def _entry_row(entry: Entry) -> tuple[Any, ...]:
    *about, invoice, is_provisional = astuple(entry)
    return (*about, _invoice_id(invoice) if invoice else "", is_provisional)


def _invoice_id(invoice: Invoice) -> str:
    contract_id, kind, at = invoice
    return f"{contract_id}:{kind}:{at:%Y-%m-%dT%H}".removesuffix("T00")


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()
