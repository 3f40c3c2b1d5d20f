"""A correction is today's lines minus the finalized ones, earlier corrections counted.

Four contracts were finalized for January. Calls cost $1 up to 1,000 and $0.50 beyond: 900 were
$900, and 300 came late, so 1,000 + 200 x 0.50 = $1,100 is right. Ten hours at $2 were $20; the
price was meant to be $1.50, so $15 is right. 80 units at $1 were paid from a prepaid balance of $50
and $30 by invoice; at the right price of $0.50 the balance pays all $40. 1.000000000001 crumbs at
$0.50 are 0.5000000000005, rounded to 0.500000000001; as much came late, and 2.000000000002 are
1.000000000001: the other half of them is $0.50 and nothing.
"""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from bursar.errors import BursarError
from bursar.ledger.correcting import correct
from bursar.ledger.finalizing import finalize
from bursar.ledger.verifying import verify
from bursar.ledger.voiding import void
from bursar.project import Project
from bursar.scaffold.new_project import new_project
from bursar.warehouse.build import build
from tests.ledger.figures import (
    FEBRUARY_3,
    FEBRUARY_4,
    FEBRUARY_5,
    FEBRUARY_6,
    FEBRUARY_7,
    Row,
    billed,
    land_usage,
)
from tests.support.scenarios import without_column_tests
from tests.support.written_books import write_catalog

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("corrections")]
NAMES = ("calls", "hours", "units", "crumbs")
CALLS, HOURS, UNITS, CRUMBS = (f"{contract}:usage:2026-01-01" for contract in NAMES)
HALF_OF_THE_CRUMBS = "1.000000000001"
METRIC = "aggregation: sum\nevent_types: [use]\nproperty: n\n"
Marts = dict[str, list[Row]]


def catalog(hour: str, unit: str) -> dict[str, list[Row]]:
    """The contracts, each with a customer, a card and a product of its own."""
    prices = {"calls": "", "hours": hour, "units": unit, "crumbs": "0.5"}
    return {
        "customers": [{"customer_id": n, "customer_name": n} for n in NAMES],
        "rate_cards": [{"rate_card_id": n, "rate_card_name": n, "currency": "USD"} for n in NAMES],
        "products": [
            {"product_id": n, "product_name": n, "product_type": "usage", "metric_name": "used"}
            for n in NAMES
        ],
        "rates": [
            {
                "rate_id": n,
                "rate_card_id": n,
                "product_id": n,
                "starting_at": "2020-01-01",
                "rate_type": "flat" if price else "tiered",
                "price": price,
            }
            for n, price in prices.items()
        ],
        "rate_tiers": [
            {"rate_id": "calls", "tier_start": "0", "price": "1"},
            {"rate_id": "calls", "tier_start": "1000", "price": "0.5"},
        ],
        "contracts": [
            {
                "contract_id": n,
                "customer_id": n,
                "rate_card_id": n,
                "starting_at": "2026-01-01",
                "ending_before": "2026-02-01",
            }
            for n in NAMES
        ],
        "commits": [{"commit_id": "prepaid", "commit_type": "prepaid", "contract_id": "units"}],
        "commit_segments": [{"commit_id": "prepaid", "starting_at": "2026-01-01", "amount": "50"}],
    }


@pytest.fixture(scope="module")
def corrected(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Project, dict[str, Marts]]:
    """All corrected as of 5 February, on one build, since each has a customer of its own; the calls
    once more as of the 7th. Beside it what was billed when.
    """
    project = without_column_tests(new_project(tmp_path_factory.mktemp("corrected") / "project"))
    (project.metrics / "used.yml").write_text(METRIC)
    write_catalog(project, catalog(hour="2", unit="1"))
    used = {"calls": "900", "hours": "10", "units": "80", "crumbs": HALF_OF_THE_CRUMBS}
    for customer, units in used.items():
        land_usage(project, customer, "2026-01-05T06:00:00Z", units, received_at=FEBRUARY_3)
    build(project, as_of=FEBRUARY_3)
    finalize(project)
    write_catalog(project, catalog(hour="1.5", unit="0.5"))
    for customer, units in {"calls": "300", "crumbs": HALF_OF_THE_CRUMBS}.items():
        land_usage(project, customer, "2026-01-06T06:00:00Z", units, received_at=FEBRUARY_4)
    build(project, as_of=FEBRUARY_5)
    marts = {"drifted": billed(project)}
    for invoice_id in (CALLS, HOURS, UNITS, CRUMBS):
        correct(project, invoice_id, "late calls and a wrong price")
    with pytest.raises(BursarError, match="the ledger has changed"):
        correct(project, CALLS, "of a customer who has just been corrected")
    build(project, as_of=FEBRUARY_5)
    land_usage(project, "calls", "2026-01-07T06:00:00Z", "100", received_at=FEBRUARY_6)
    build(project, as_of=FEBRUARY_7)
    correct(project, CALLS, "later still")
    build(project, as_of=FEBRUARY_7)
    return project, marts | {"corrected": billed(project)}


def lines(marts: Marts, invoice_id: str) -> list[tuple[str, ...]]:
    """Quantity, price and amount of each line that is summed or not, by type."""
    return sorted(
        (
            row["line_type"],
            row["commit_id"] or "",
            *(f"{row[name].normalize():f}" for name in ("quantity", "unit_price", "amount")),
        )
        for row in marts["invoice_line_items"]
        if row["invoice_id"] == invoice_id
    )


def total(marts: Marts, invoice_id: str) -> Decimal:
    [row] = [row for row in marts["invoices"] if row["invoice_id"] == invoice_id]
    return Decimal(row["total"])


Corrected = tuple[Project, dict[str, Marts]]


def test_late_calls_are_billed_by_the_difference_of_totals(corrected: Corrected) -> None:
    marts = corrected[1]["corrected"]
    assert total(marts, CALLS) == 900
    assert lines(marts, f"{CALLS}:c1") == [
        ("usage", "", "100", "1", "100"),
        ("usage", "", "200", "0.5", "100"),
    ]
    assert total(marts, f"{CALLS}:c1") == 200


def test_correcting_again_counts_the_earlier_correction(corrected: Corrected) -> None:
    assert lines(corrected[1]["corrected"], f"{CALLS}:c2") == [("usage", "", "100", "0.5", "50")]


def test_a_lower_price_is_a_credit_memo(corrected: Corrected) -> None:
    marts = corrected[1]["corrected"]
    assert lines(marts, f"{HOURS}:c1") == [
        ("usage", "", "-10", "2", "-20"),
        ("usage", "", "10", "1.5", "15"),
    ]
    assert total(marts, f"{HOURS}:c1") == -5


def test_a_correction_gives_back_what_a_balance_overpaid(corrected: Corrected) -> None:
    marts = corrected[1]["corrected"]
    assert lines(marts, f"{UNITS}:c1") == [
        ("commit_applied", "prepaid", "-80", "0.5", "-40"),
        ("commit_applied", "prepaid", "50", "1", "50"),
        ("usage", "", "-30", "1", "-30"),
        ("usage", "prepaid", "-50", "1", "-50"),
        ("usage", "prepaid", "80", "0.5", "40"),
    ]
    assert total(marts, f"{UNITS}:c1") == -30
    [balance] = marts["balances"]
    # The $10 that are left again expire with the contract, on 1 February.
    assert (balance["drawn"], balance["expired"], balance["balance"]) == (40, 10, 0)


def test_amounts_that_were_rounded_differ_by_what_was_billed(corrected: Corrected) -> None:
    marts = corrected[1]["corrected"]
    assert lines(marts, f"{CRUMBS}:c1") == [("usage", "", HALF_OF_THE_CRUMBS, "0.5", "0.5")]
    assert total(marts, f"{CRUMBS}:c1") == Decimal("0.5")


def test_drift_is_what_a_correction_would_say(corrected: Corrected) -> None:
    differences = {
        row["invoice_id"]: (row["finalized_total"], row["current_total"], row["difference"])
        for row in corrected[1]["drifted"]["invoice_drift"]
    }
    assert differences == {
        CALLS: (900, 1100, 200),
        HOURS: (20, 15, -5),
        UNITS: (30, 0, -30),
        CRUMBS: (Decimal("0.5"), 1, Decimal("0.5")),
    }
    assert corrected[1]["corrected"]["invoice_drift"] == []


def test_late_usage_is_priced_and_stays_listed(corrected: Corrected) -> None:
    for when, units, amount, events in (("drifted", 300, 200, 1), ("corrected", 400, 250, 2)):
        [late] = [row for row in corrected[1][when]["late_usage"] if row["invoice_id"] == CALLS]
        assert (late["quantity"], late["amount"], late["late_event_count"]) == (
            units,
            amount,
            events,
        )


def test_what_is_right_is_not_corrected(corrected: Corrected) -> None:
    assert correct(corrected[0], HOURS, "look again").correction_id == ""


def test_the_chain_holds_every_correction(corrected: Corrected) -> None:
    found = verify(corrected[0])
    assert found.problems == ()
    assert (found.batches, found.invoices) == (6, 9)


def test_an_invoice_with_corrections_is_not_voided_before_them(
    corrected: Corrected, tmp_path: Path
) -> None:
    shutil.copytree(corrected[0].root, tmp_path / "project", symlinks=True)
    project = Project(tmp_path / "project")
    with pytest.raises(BursarError, match=f"corrections that stand: {HOURS}:c1"):
        void(project, HOURS, "wrong", FEBRUARY_7)
    void(project, f"{HOURS}:c1", "wrong memo", FEBRUARY_7)
    void(project, HOURS, "wrong", FEBRUARY_7)


def test_a_correction_is_not_corrected_itself(corrected: Corrected) -> None:
    with pytest.raises(BursarError, match="is a correction itself"):
        correct(corrected[0], f"{HOURS}:c1", "again")
