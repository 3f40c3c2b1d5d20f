"""The random books of balances: they are sound catalogs, and the slow drawdown meets every rule."""

from __future__ import annotations

import csv
import io
from functools import cache

from bursar.catalog.check import check_catalog
from bursar.catalog.relations import BY_NAME
from bursar.errors import Severity
from tests.support.random_balances import random_balances
from tests.support.random_books import AS_OF, METRICS, shelf
from tests.support.reference_balances import Statement, settle
from tests.support.reference_catalog import Row

SEEDS = range(12)


def test_the_random_books_meet_every_rule() -> None:
    found = [_settled(seed) for seed in SEEDS]
    lines = [line for statement in found for line in statement.lines]
    covered = [line for line in lines if line.segment_start and line.line_type != "commit_applied"]
    assert {line.line_type for line in covered} == {
        "usage",
        "flat_fee",
        "subscription",
        "composite",
        "minimum",
    }
    assert {line.line_type for line in lines} >= {"commit_purchase", "true_up", "scheduled"}
    assert {line.pricing_unit for line in covered} == {"USD", "JPY", "KWD", "credits"}
    assert {line.is_summed for line in lines} == {True, False}
    assert any(line.amount == 0 for line in covered)
    assert any(line.commit_id.startswith("rollover:") for line in covered)
    assert any(line.tier_start for line in covered)
    entries = [entry for statement in found for entry in statement.ledger]
    assert {entry.entry_type for entry in entries} == {
        "segment_start",
        "adjustment",
        "invoice_deduction",
        "true_up",
        "rollover_out",
        "rollover_in",
        "expiration",
    }
    assert len(covered) > 300


def test_no_random_balance_is_below_zero() -> None:
    balances = [balance for seed in SEEDS for balance in _settled(seed).balances]
    assert min(balance.balance for balance in balances) == 0


def test_the_check_finds_no_error_in_the_random_books() -> None:
    catalog = shelf(random_balances(seed) for seed in range(40)).catalog
    problems = check_catalog(
        {f"seeds/{name}.csv": _csv(name, rows) for name, rows in catalog.items()}
    )
    assert [p for p in problems if p.severity is Severity.ERROR] == []


@cache
def _settled(seed: int) -> Statement:
    book = random_balances(seed)
    return settle(book.catalog, METRICS, book.events, AS_OF)


def _csv(relation: str, rows: list[Row]) -> str:
    file = io.StringIO()
    header = [column.name for column in BY_NAME[relation].columns]
    writer = csv.DictWriter(file, header, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()
