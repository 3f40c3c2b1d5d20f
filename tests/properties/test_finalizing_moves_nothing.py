"""Whatever is final, a draft or made anew, the same usage is billed and balances pay the same.

BURSAR_FUZZ_BOOKS says how many random books, BURSAR_FUZZ_FIRST which is the first. A balance that
pays for units at a price of 0 pays for none once others have drawn all of it (decision 0025): a
book in which that happens to an invoice that is made anew, such as 542, is none of these.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC
from typing import Any

import duckdb
import pytest

from bursar.ledger.finalizing import finalize
from bursar.ledger.voiding import void
from bursar.project import Project
from bursar.warehouse.build import build
from tests.support.random_balances import random_balances
from tests.support.random_books import AS_OF, shelf
from tests.support.written_books import built_book, comparable_rows

pytestmark = [pytest.mark.timeout(900), pytest.mark.xdist_group("finalizing")]
FIRST_BOOK = int(os.environ.get("BURSAR_FUZZ_FIRST", "0"))
BOOK_COUNT = int(os.environ.get("BURSAR_FUZZ_BOOKS", "6"))
# What finalization is to change, the hash that only a finalized invoice has, and what follows from
# the id of an invoice that was made anew.
SAME = {
    "invoices": """
        select
            * exclude (invoice_id, status, revision, finalized_at, content_hash),
            {original}
        from billing.invoices
        where status <> 'void'
    """,
    "invoice_line_items": """
        select lines.* exclude (invoice_id, line_item_id, covers_line_item_id), {original}
        from billing.invoice_line_items as lines
        inner join billing.invoices using (invoice_id)
        where status <> 'void'
    """,
    "balances": """
        select * exclude (drawn, drawn_provisional), drawn + drawn_provisional
        from billing.balances
    """,
    "balance_ledger": """
        select * exclude (invoice_id, entry_id, is_provisional), {original}
        from billing.balance_ledger
    """,
    "unrated_usage": "select * from billing.unrated_usage",
}
ORIGINAL = "regexp_replace(invoice_id, ':r2$', '')"
NEWS = ("invoice_drift", "late_usage")
Rows = dict[str, list[str]]


@dataclass(frozen=True)
class Lives:
    """What was billed while all was a draft, when it was final, and with each second made anew."""

    drafted: Rows
    finalized: Rows
    made_anew: Rows
    final_ids: tuple[str, ...]


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Lives:
    books = [random_balances(seed) for seed in range(FIRST_BOOK, FIRST_BOOK + BOOK_COUNT)]
    folder = tmp_path_factory.mktemp("books")
    project = built_book(shelf(books), folder, has_column_tests=False)
    as_of = AS_OF.replace(tzinfo=UTC)
    drafted = _rows(project)
    final_ids = finalize(project).invoice_ids
    build(project, as_of=as_of)
    finalized = _rows(project)
    for invoice_id in final_ids[::2]:
        void(project, invoice_id, "once more", as_of, regenerate=True)
    build(project, as_of=as_of)
    return Lives(drafted, finalized, _rows(project), final_ids)


@pytest.mark.parametrize("mart", SAME)
def test_what_is_final_is_what_was_drafted(lives: Lives, mart: str) -> None:
    assert len(lives.final_ids) > BOOK_COUNT
    assert lives.drafted[mart]
    assert lives.finalized[mart] == lives.drafted[mart]


@pytest.mark.parametrize("mart", SAME)
def test_what_is_made_anew_beside_what_is_final_is_what_it_was(lives: Lives, mart: str) -> None:
    assert lives.made_anew[mart] == lives.drafted[mart]


def _rows(project: Project) -> Rows:
    with duckdb.connect(str(project.published_database.resolve()), read_only=True) as connection:
        for mart in NEWS:
            news: list[Any] = connection.execute(f"select * from billing.{mart}").fetchall()
            assert news == [], mart
        return {
            mart: comparable_rows(connection.execute(query.format(original=ORIGINAL)).fetchall())
            for mart, query in SAME.items()
        }
