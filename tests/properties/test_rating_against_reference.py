"""The models agree with the slow rater, to the last digit, on random books of contracts."""

from __future__ import annotations

import os
from datetime import UTC
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from bursar.landing import LandOptions, land
from bursar.project import Project
from bursar.scaffold.new_project import new_project
from bursar.warehouse.build import build
from tests.support.random_books import AS_OF, METRICS, Book, random_book
from tests.support.reference_rater import Figures, Line, rate
from tests.support.written_books import event_line, write_catalog, write_metrics

SEEDS = range(int(os.environ.get("BURSAR_FUZZ_BOOKS", "3")))
LINES = """
    select
        contract_id, invoices.period_start, line_type, product_id,
        coalesce(pricing_group_values, ''), coalesce(presentation_group_values, ''),
        starting_at, tier_start, quantity, amount
    from billing.invoice_line_items
    inner join billing.invoices using (invoice_id, contract_id)
    where line_type <> 'rounding'
"""


@pytest.mark.parametrize("seed", SEEDS)
def test_models_agree_with_the_slow_rater(seed: int, tmp_path: Path) -> None:
    book = random_book(seed)
    expected_lines, expected_totals = rate(book.catalog, METRICS, book.events, AS_OF)
    project = _build(book, tmp_path)
    with duckdb.connect(str(project.published_database), read_only=True) as connection:
        lines = _lines(connection)
        totals = connection.execute("select contract_id, period_start, total from billing.invoices")
        assert lines == expected_lines
        assert {(c, p): t for c, p, t in totals.fetchall()} == expected_totals


def _lines(connection: duckdb.DuckDBPyConnection) -> Figures:
    figures = {}
    for row in connection.execute(LINES).fetchall():
        contract, start, kind, product, pricing, presentation, at, tier, quantity, amount = row
        tier_start = "" if tier is None else str(Decimal(tier).normalize())
        line = Line(
            contract, start, kind, product, pricing, presentation, at.isoformat(), tier_start
        )
        assert line not in figures
        figures[line] = (quantity, amount)
    return figures


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
