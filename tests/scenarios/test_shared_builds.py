"""A build that scenarios share says of each what it would say of it alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bursar.errors import ProblemsFound
from tests.support.shared_builds import SharedBuilds

FOLDER = Path(__file__).parent
RIGHT = FOLDER / "prices_and_lines_by_group"
TOKENS = FOLDER / "custom_pricing_unit_is_converted_once_an_invoice"


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """A scenario that expects a dollar too much."""
    folder = tmp_path / "wrong"
    shutil.copytree(FOLDER / "tier_bound_belongs_to_the_lower_tier", folder)
    invoices = folder / "expected_invoices.csv"
    invoices.write_text(invoices.read_text().replace(",125\n", ",126\n"))
    return folder


@pytest.fixture
def refused(tmp_path: Path) -> Path:
    """A scenario whose catalog names a rate card that is not there."""
    folder = tmp_path / "refused"
    shutil.copytree(FOLDER / "tier_bound_belongs_to_the_lower_tier", folder)
    rates = folder / "seeds" / "rates.csv"
    rates.write_text(rates.read_text().replace(",card,", ",cart,"))
    return folder


def test_a_wrong_bill_is_told_in_its_own_ids_and_of_its_own_scenario(
    workbench: Path, wrong: Path
) -> None:
    bills = SharedBuilds(workbench, [[RIGHT, wrong, TOKENS]])
    assert [bills.differences(folder) for folder in (RIGHT, TOKENS)] == [[], []]
    assert bills.differences(wrong) == [
        "('k', 'usage', '2026-01-01T00:00:00Z', 'USD'): expected 126, got 125"
    ]


def test_a_refused_scenario_does_not_hide_the_bills_of_others(
    workbench: Path, refused: Path
) -> None:
    bills = SharedBuilds(workbench, [[RIGHT, refused]])
    assert bills.differences(RIGHT) == []
    with pytest.raises(ProblemsFound) as refusal:
        bills.differences(refused)
    assert all("cart" in problem.message for problem in refusal.value.diagnostics)
