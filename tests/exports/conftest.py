"""Invoices with every kind of line: as drafts, finalized, and after corrections and a void.

Contract k, January: 15,000 calls at $0.01 up to 10,000 and $0.005 beyond, with a fee of $5 for the
second tier, are $130. 30.001 GB at half of $4.01 are $60.152005, of which a commit pays $50. 40
jobs at 2 tokens are 80 tokens, of which a credit pays 30; 50 tokens at $0.10 are $5. Support is 5 %
of the calls, $6.50, and at least $10. Three seats at $31 from the 21st are $33, and count towards a
promise of $100. 20 hours at $2 are $40. Contract test used 50 calls.

Later 5,000 calls come late ($25, and support is $7.75 + $2.25), and an hour costs $0.50: the
correction is $25 - $30. The test is void.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from bursar.ledger.correcting import correct
from bursar.ledger.finalizing import finalize
from bursar.ledger.voiding import void
from bursar.project import Project
from bursar.scaffold.new_project import new_project
from bursar.warehouse.build import build
from tests.ledger.figures import FEBRUARY_3, FEBRUARY_4, FEBRUARY_5
from tests.support.landing import land_lines, line
from tests.support.scenarios import without_column_tests
from tests.support.written_books import write_catalog

CUSTOMER = """<script>alert("x")</script> & Söhne"""
JANUARY, TEST = (f"{contract}:usage:2026-01-01" for contract in ("k", "test"))
METERS = ("calls", "storage", "jobs", "hours")
Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Stages:
    """The same project at three instants of its life."""

    drafts: Project
    finalized: Project
    corrected: Project


def rates(hour: str) -> Rows:
    """What things cost, on one card."""
    flat = {"storage": "4.01", "hours": hour, "seats": "31"}
    shared = {"rate_card_id": "card", "starting_at": "2020-01-01"}
    return [
        {**shared, "rate_id": "calls", "product_id": "calls", "rate_type": "tiered"},
        *(
            {**shared, "rate_id": name, "product_id": name, "rate_type": "flat", "price": price}
            | ({"billing_frequency": "monthly"} if name == "seats" else {})
            for name, price in flat.items()
        ),
        {
            **shared,
            "rate_id": "jobs",
            "product_id": "jobs",
            "rate_type": "flat",
            "price": "2",
            "pricing_unit": "tokens",
        },
        {
            **shared,
            "rate_id": "support",
            "product_id": "support",
            "rate_type": "percentage",
            "price": "0.05",
            "minimum": "10",
        },
    ]


def catalog() -> dict[str, Rows]:
    """Everything else, by relation."""
    contracts = (("k", "c"), ("test", "t"))
    commit = {"contract_id": "k", "product_id": "commitment"}
    return {
        "customers": [
            {"customer_id": "c", "customer_name": CUSTOMER, "billing_provider": "stripe"},
            {"customer_id": "t", "customer_name": "Test"},
        ],
        "rate_cards": [{"rate_card_id": "card", "rate_card_name": "card", "currency": "USD"}],
        "pricing_units": [{"pricing_unit": "tokens", "pricing_unit_name": "Tokens"}],
        "pricing_unit_conversions": [
            {"rate_card_id": "card", "pricing_unit": "tokens", "price_per_unit": "0.10"}
        ],
        "products": [
            *(
                {"product_id": name, "product_name": name.title(), "product_type": "usage"}
                | {"metric_name": name}
                for name in METERS
            ),
            {"product_id": "seats", "product_name": "Seats", "product_type": "subscription"},
            {"product_id": "commitment", "product_name": "Commitment", "product_type": "fixed"},
            {"product_id": "support", "product_name": "Support <24/7>", "product_type": "composite"}
            | {"composite_product_ids": "calls"},
        ],
        "rates": rates(hour="2"),
        "rate_tiers": [
            {"rate_id": "calls", "tier_start": "0", "price": "0.01"},
            {"rate_id": "calls", "tier_start": "10000", "price": "0.005", "flat_fee": "5"},
        ],
        "contracts": [
            {"contract_id": contract, "customer_id": customer, "rate_card_id": "card"}
            | {"starting_at": "2026-01-01", "contract_name": f"{contract} 2026"}
            for contract, customer in contracts
        ],
        "contract_overrides": [
            {"override_id": "half", "contract_id": "k", "override_type": "multiplier"}
            | {"product_id": "storage", "multiplier": "0.5"}
            | {"starting_at": "2026-01-01", "created_at": "2026-01-01"},
        ],
        "subscriptions": [
            {"subscription_id": "desks", "contract_id": "k", "product_id": "seats"}
            | {"billing_frequency": "monthly", "collection": "arrears"}
            | {"starting_at": "2026-01-21", "subscription_name": "Desks"}
        ],
        "subscription_quantities": [
            {"subscription_id": "desks", "starting_at": "2026-01-21", "quantity": "3"}
        ],
        "scheduled_charges": [
            {"scheduled_charge_id": "setup", "contract_id": "k", "product_id": "commitment"}
            | {"charge_name": "Setup", "frequency": "monthly", "amount": "100"}
            | {"amount_distribution": "divided"}
            | {"starting_at": "2026-01-01", "ending_before": "2026-04-01"}
        ],
        "commits": [
            {**commit, "commit_id": "annual", "commit_type": "prepaid", "commit_name": "Annual"}
            | {"applicable_product_ids": "storage"},
            {**commit, "commit_id": "promise", "commit_type": "postpaid", "commit_name": "Promise"}
            | {"applicable_product_ids": "seats"},
            {**commit, "commit_id": "gift", "commit_type": "credit", "commit_name": "Gift"}
            | {"pricing_unit": "tokens"},
        ],
        "commit_segments": [
            {"commit_id": "annual", "starting_at": "2026-01-01", "amount": "50"},
            {"commit_id": "promise", "starting_at": "2026-01-01", "amount": "100"}
            | {"ending_before": "2026-02-01"},
            {"commit_id": "gift", "starting_at": "2026-01-01", "amount": "30"},
        ],
        "commit_invoices": [
            {"commit_id": "annual", "invoice_at": "2026-01-01", "amount": "40"},
            {"commit_id": "promise", "invoice_at": "2026-02-02", "amount": "100"},
        ],
    }


USAGE = (
    *(("c", "calls", 15000), ("c", "storage", "30.001"), ("c", "jobs", 40)),
    *(("c", "hours", 20), ("t", "calls", 50)),
)


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Stages:
    """Drafts as of 3 February, finalized on that day, corrected as of the 5th."""
    folder = tmp_path_factory.mktemp("exports")
    project = without_column_tests(new_project(folder / "project"))
    for name in METERS:
        metric = f"aggregation: sum\nevent_types: [{name}]\nproperty: n\n"
        (project.metrics / f"{name}.yml").write_text(metric)
    write_catalog(project, catalog())
    land_usage(project, USAGE, FEBRUARY_3)
    build(project, as_of=FEBRUARY_3)
    drafts = copied(project, folder / "drafts")
    finalize(project)
    build(project, as_of=FEBRUARY_3)
    finalized = copied(project, folder / "finalized")
    write_catalog(project, {"rates": rates(hour="0.5")})
    land_usage(project, [("c", "calls", 5000)], FEBRUARY_4)
    build(project, as_of=FEBRUARY_5)
    correct(project, JANUARY, "calls came late, and an hour cost too much")
    void(project, TEST, """a "test" of <b>ours</b>""", FEBRUARY_5)
    build(project, as_of=FEBRUARY_5)
    return Stages(drafts, finalized, project)


def copied(project: Project, root: Path) -> Project:
    """The same project elsewhere."""
    shutil.copytree(project.root, root, symlinks=True)
    return Project(root)


def land_usage(project: Project, usage: object, received_at: datetime) -> None:
    """Lands one event for each (customer, meter, quantity)."""
    lines = [
        line(
            f"{customer} {meter} {received_at:%d}",
            customer_id=customer,
            event_type=meter,
            timestamp="2026-01-25T06:00:00Z",
            properties={"n": str(quantity)},
        )
        for customer, meter, quantity in usage  # type: ignore[attr-defined]  # - triples
    ]
    land_lines(project.root, lines, received_at=received_at, is_backfill=True, promoted=("n",))
