"""The models and the slow rater agree on subscriptions and scheduled charges, to the last digit."""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC
from pathlib import Path
from typing import Any

import duckdb
import pytest

from bursar.project import Project
from bursar.scaffold.new_project import new_project
from bursar.warehouse.build import build
from tests.support.random_subscriptions import AS_OF, random_subscriptions
from tests.support.reference_subscriptions import Bills, bill
from tests.support.written_books import write_catalog

SEEDS = range(int(os.environ.get("BURSAR_FUZZ_BOOKS", "3")))
LINES = """
    select
        lines.contract_id, invoices.invoice_type, invoices.period_start,
        coalesce(lines.subscription_id, lines.scheduled_charge_id), lines.line_type,
        lines.starting_at, lines.ending_before, lines.quantity, lines.unit_price, lines.amount,
        lines.pricing_unit, lines.is_prorated
    from billing.invoice_line_items as lines
    inner join billing.invoices using (invoice_id)
    where lines.line_type in ('subscription', 'scheduled')
"""
TOTALS = "select contract_id, invoice_type, period_start, total from billing.invoices"
UNRATED = "select subscription_id, starting_at, quantity, reason from billing.unrated_usage"


@pytest.mark.parametrize("seed", SEEDS)
def test_models_agree_with_the_slow_rater(seed: int, tmp_path: Path) -> None:
    catalog = random_subscriptions(seed)
    expected = bill(catalog, AS_OF)
    project = _build(catalog, tmp_path)
    with duckdb.connect(str(project.published_database), read_only=True) as connection:
        assert Counter(_rows(connection, LINES)) == _lines(expected)
        assert {row[:3]: row[3] for row in _rows(connection, TOTALS)} == expected.totals
        assert set(_rows(connection, UNRATED)) == {
            (row.subscription_id, row.starting_at, row.quantity, row.reason)
            for row in expected.unrated
        }


def test_the_random_contracts_meet_every_rule() -> None:
    found = [bill(random_subscriptions(seed), AS_OF) for seed in range(3)]
    charges = [charge for bills in found for group in bills.charges.values() for charge in group]
    assert {charge.placement for charge in charges} == {
        "on the day",
        "the instant before",
        "alone",
    }
    assert {charge.pricing_unit for charge in charges} == {"USD", "JPY", "KWD", "tokens"}
    assert {charge.is_prorated for charge in charges} == {True, False}
    assert {row.reason for bills in found for row in bills.unrated} == {"no_rate", "not_entitled"}
    assert len(charges) > 1000


def _lines(bills: Bills) -> Counter[tuple[Any, ...]]:
    return Counter(
        (
            *invoice,
            charge.source_id,
            charge.line_type,
            charge.starting_at,
            charge.ending_before,
            charge.quantity,
            charge.unit_price,
            charge.amount,
            charge.pricing_unit,
            charge.is_prorated,
        )
        for invoice, charges in bills.charges.items()
        for charge in charges
    )


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def _build(catalog: dict[str, list[dict[str, str]]], folder: Path) -> Project:
    project = new_project(folder / "project")
    write_catalog(project, catalog)
    build(project, as_of=AS_OF.replace(tzinfo=UTC))
    return project
