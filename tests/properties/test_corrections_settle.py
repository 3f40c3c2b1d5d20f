"""After usage that came late, corrections bring every finalized invoice to what it would be today.

Each round corrects one invoice of each customer, since what one correction draws another cannot;
every build in between holds the books to the data tests. That takes a minute or more, so it runs
where BURSAR_FUZZ_BOOKS says how many random books; BURSAR_FUZZ_FIRST says which is the first.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from random import Random

import duckdb
import pytest

from bursar.landing import LandOptions, land
from bursar.ledger.correcting import correct
from bursar.ledger.finalizing import finalize
from bursar.project import Project
from bursar.warehouse.build import build
from tests.support.random_balances import random_balances
from tests.support.random_books import AS_OF, shelf
from tests.support.written_books import built_book, event_line

FIRST_BOOK = int(os.environ.get("BURSAR_FUZZ_FIRST", "700"))
BOOK_COUNT = int(os.environ.get("BURSAR_FUZZ_BOOKS", "0"))
pytestmark = [
    pytest.mark.timeout(1800),
    pytest.mark.skipif(BOOK_COUNT == 0, reason="BURSAR_FUZZ_BOOKS asks for no books"),
]
ROUNDS_MAX = 20
LATE = AS_OF.replace(tzinfo=UTC) + timedelta(hours=1)
DRIFTING = """
    select min(invoice_id)
    from billing.invoice_drift
    group by customer_id
"""


def test_corrections_leave_no_drift_and_no_balance_below_zero(tmp_path: Path) -> None:
    random = Random(FIRST_BOOK)
    books = [random_balances(seed) for seed in range(FIRST_BOOK, FIRST_BOOK + BOOK_COUNT)]
    book = shelf(books)
    late = {event.transaction_id for event in book.events if random.random() < 0.2}
    in_time = [event for event in book.events if event.transaction_id not in late]
    project = built_book(replace(book, events=in_time), tmp_path, has_column_tests=False)
    finalize(project)
    lines = [event_line(event) + "\n" for event in book.events if event.transaction_id in late]
    (tmp_path / "late.ndjson").write_text("".join(lines))
    options = LandOptions(received_at=LATE, is_backfill=True, promoted=("n", "model"))
    land(project, [str(tmp_path / "late.ndjson")], options)
    build(project, as_of=LATE)
    corrected = 0
    for _ in range(ROUNDS_MAX):
        drifting = _first_of_each_row(project, DRIFTING)
        if not drifting:
            break
        for invoice_id in drifting:
            corrected += bool(correct(project, invoice_id, "late usage").correction_id)
        build(project, as_of=LATE)
    assert corrected > BOOK_COUNT
    assert _first_of_each_row(project, DRIFTING) == []
    below_zero = "select commit_id from billing.balances where balance < 0"
    assert _first_of_each_row(project, below_zero) == []


def _first_of_each_row(project: Project, query: str) -> list[str]:
    with duckdb.connect(str(project.published_database.resolve()), read_only=True) as connection:
        return [row[0] for row in connection.execute(query).fetchall()]
