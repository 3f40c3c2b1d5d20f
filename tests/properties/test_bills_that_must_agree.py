"""What changes no bill: how usage is split, rows of equal price, a multiplier of 1, rows' order.

Each customer comes in three: `whole` uses everything in one event; `split` uses the same in many
events, priced by a card that states its prices anew at random instants; `multiplied` is split, too,
and has a multiplier of 1. All are built at once, and then again with every row in another place.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from bursar.landing import LandOptions, land
from bursar.project import Project
from bursar.scaffold.new_project import new_project
from bursar.warehouse.build import build
from tests.support.reference_catalog import Row
from tests.support.reference_metering import Event
from tests.support.written_books import event_line, write_catalog

pytestmark = pytest.mark.xdist_group("bills_that_must_agree")
TRIPLES = 30
AS_OF = datetime(2026, 2, 3, tzinfo=UTC)
JANUARY = datetime(2026, 1, 1)  # noqa: DTZ001 - UTC without a zone
KINDS = ("whole", "split", "multiplied")
PRICES = {"flat": [("0", "0.25", "")], "fees": [("0", "0.5", "1"), ("40", "0.2", "5")]}
PRICES |= {"volume": [("0", "3", ""), ("25", "2", "7"), ("100", "1.5", "")]}
BILLS = """
    select
        lines.customer_id, lines.product_id, lines.line_type,
        sum(lines.amount), sum(case when line_type = 'usage' then quantity end)
    from billing.invoice_line_items as lines
    where lines.line_type <> 'rounding'
    group by all
"""
EVERYTHING = "select * from billing.{} order by all"


def catalog_of(random: Random) -> dict[str, list[Row]]:
    rates, tiers = [], []
    for card in ("plain", "restated"):
        for product, priced in PRICES.items():
            starts = ["2025-01-01"]
            if card == "restated":
                days = random.sample(range(2, 31), 4)
                starts += [f"2026-01-{day:02d}T{day % 24:02d}:00:00Z" for day in days]
            for start in starts:
                rate_id = f"{card}-{product}-{start}"
                kind = {"flat": "flat", "fees": "tiered", "volume": "volume"}[product]
                price = priced[0][1] if kind == "flat" else ""
                rates.append(
                    {
                        "rate_id": rate_id,
                        "rate_card_id": card,
                        "product_id": product,
                        "starting_at": start,
                        "rate_type": kind,
                        "price": price,
                    }
                )
                if kind != "flat":
                    tiers += [
                        {"rate_id": rate_id, "tier_start": at, "price": p, "flat_fee": fee}
                        for at, p, fee in priced
                    ]
    customers = [f"{kind}{n}" for n in range(TRIPLES) for kind in KINDS]
    return {
        "customers": [{"customer_id": c} for c in customers],
        "products": [
            {"product_id": p, "product_name": p, "product_type": "usage", "metric_name": "units"}
            for p in PRICES
        ],
        "rate_cards": [{"rate_card_id": c, "currency": "USD"} for c in ("plain", "restated")],
        "rates": rates,
        "rate_tiers": tiers,
        "contracts": [
            {
                "contract_id": c,
                "customer_id": c,
                "rate_card_id": "plain" if c.startswith("whole") else "restated",
                "starting_at": "2026-01-01",
                "ending_before": "2026-02-01",
            }
            for c in customers
        ],
        "contract_overrides": [
            {
                "override_id": f"o{number}",
                "contract_id": c,
                "override_type": "multiplier",
                "multiplier": "1",
                "starting_at": f"2026-01-{random.randrange(1, 29):02d}",
            }
            for number, c in enumerate(customers)
            if c.startswith("multiplied")
        ],
    }


def usage(random: Random) -> list[Event]:
    """The same quantity three times."""
    events: list[Event] = []
    for n in range(TRIPLES):
        parts = [Decimal(random.randrange(1, 60)) / 4 for _ in range(random.randrange(1, 12))]
        events.append(_event(f"whole{n}", 0, JANUARY + timedelta(days=3), sum(parts, Decimal(0))))
        for kind in KINDS[1:]:
            for number, part in enumerate(parts):
                at = JANUARY + timedelta(seconds=random.randrange(31 * 86_400))
                events.append(_event(f"{kind}{n}", number, at, part))
    return events


def _event(customer: str, number: int, at: datetime, quantity: Decimal) -> Event:
    return Event(f"{customer}-{number}", customer, "use", at, {"n": str(quantity)})


def built(folder: Path, catalog: dict[str, list[Row]], batches: list[list[Event]]) -> Project:
    project = new_project(folder / "project")
    write_catalog(project, catalog)
    text = "aggregation: sum\nevent_types: [use]\nproperty: n\n"
    (project.metrics / "units.yml").write_text(text)
    for number, events in enumerate(batches):
        path = folder / f"{number}.ndjson"
        path.write_text("".join(event_line(event) + "\n" for event in events))
        land(project, [str(path)], LandOptions(received_at=AS_OF, is_backfill=True))
    build(project, as_of=AS_OF)
    return project


def rows(project: Project, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(project.published_database), read_only=True) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    random = Random(3)
    return built(tmp_path_factory.mktemp("agree"), catalog_of(random), [usage(random)])


def test_splitting_usage_over_events_days_and_slices_changes_no_bill(project: Project) -> None:
    bills: dict[str, dict[tuple[str, str], tuple[Any, ...]]] = {}
    for customer, product, line_type, amount, quantity in rows(project, BILLS):
        bills.setdefault(customer, {})[product, line_type] = (amount, quantity)
    for n in range(TRIPLES):
        assert bills[f"whole{n}"] == bills[f"split{n}"] == bills[f"multiplied{n}"]
    assert any(("volume", "flat_fee") in bill for bill in bills.values())


def test_the_split_usage_really_lies_in_many_slices(project: Project) -> None:
    slices = dict(
        rows(
            project,
            "select regexp_extract(customer_id, '[a-z]+'), count(*) from billing.invoice_line_items"
            " where product_id = 'flat' group by all",
        )
    )
    assert slices["whole"] == TRIPLES
    assert TRIPLES * 2 < slices["split"] < slices["multiplied"]


def test_the_order_of_rows_and_batches_changes_no_row(project: Project, tmp_path: Path) -> None:
    random = Random(3)
    catalog, events = catalog_of(random), usage(random)
    for relation in catalog.values():
        random.shuffle(relation)
    random.shuffle(events)
    other = built(tmp_path, catalog, [events[:40], events[40:]])
    for table in ("invoices", "invoice_line_items", "usage_daily", "billing_periods"):
        query = EVERYTHING.format(table)
        assert rows(other, query) == rows(project, query)
