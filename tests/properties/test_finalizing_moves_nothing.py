"""Whatever is final and whatever is a draft, the same usage is billed and balances pay the same."""

from __future__ import annotations

import os
from datetime import UTC
from typing import Any

import duckdb
import pytest

from bursar.ledger.finalizing import Finalized, finalize
from bursar.project import Project
from bursar.warehouse.build import build
from tests.support.random_balances import random_balances
from tests.support.random_books import AS_OF, shelf
from tests.support.written_books import built_book, comparable_rows

FIRST_BOOK = int(os.environ.get("BURSAR_FUZZ_FIRST", "0"))
BOOK_COUNT = int(os.environ.get("BURSAR_FUZZ_BOOKS", "6"))
# What finalization is to change, and the hash that only a finalized invoice has.
SAME = {
    "invoices": "* exclude (status, finalized_at, content_hash)",
    "invoice_line_items": "*",
    "balances": "* exclude (drawn, drawn_provisional), drawn + drawn_provisional as used",
    "balance_ledger": "* exclude (entry_id, is_provisional)",
    "unrated_usage": "*",
}
NEWS = ("invoice_drift", "late_usage")
Rows = dict[str, list[str]]


@pytest.fixture(scope="module")
def before_and_after(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Project, Rows, Finalized, Rows]:
    books = [random_balances(seed) for seed in range(FIRST_BOOK, FIRST_BOOK + BOOK_COUNT)]
    folder = tmp_path_factory.mktemp("books")
    project = built_book(shelf(books), folder, has_column_tests=False)
    before = _rows(project)
    done = finalize(project)
    build(project, as_of=AS_OF.replace(tzinfo=UTC))
    return project, before, done, _rows(project)


def test_what_is_final_now_is_what_was_drafted(
    before_and_after: tuple[Project, Rows, Finalized, Rows],
) -> None:
    _, before, done, after = before_and_after
    assert len(done.invoice_ids) > BOOK_COUNT
    for mart, rows in before.items():
        assert after[mart] == rows, mart


def _rows(project: Project) -> Rows:
    with duckdb.connect(str(project.published_database.resolve()), read_only=True) as connection:
        for mart in NEWS:
            news: list[Any] = connection.execute(f"select * from billing.{mart}").fetchall()
            assert news == [], mart
        return {
            mart: comparable_rows(
                connection.execute(f"select {columns} from billing.{mart}").fetchall()
            )
            for mart, columns in SAME.items()
        }
