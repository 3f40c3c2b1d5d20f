"""What may be said in two ways gives one bill: cuts that change no price, and rows in any order.

The same usage is billed twice. The second time every rate is written in two rows of equal price, so
that each period has more slices; contracts without overrides have one that multiplies by 1; all
rows and events come in another order, and the events in three batches.

Quantities only rise here and have few digits: a tier that a quantity leaves again, or an amount of
more than 12 places, may tell one slice from two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb

from bursar.landing import LandOptions, land
from bursar.project import Project
from bursar.scaffold.new_project import new_project
from bursar.warehouse.build import build
from tests.support.random_books import AS_OF, Book, random_book
from tests.support.random_prices import instant_text, random_instant
from tests.support.reference_catalog import Catalog, Row
from tests.support.written_books import event_line, write_catalog, write_metrics

RISING = {"units": "calls", "level": "peak"}
FEW_DIGITS = {
    "0.333333333333": "0.25",
    "0.666666666667": "0.5",
    "0.000000000001": "2",
    "7.123456": "7",
    "-1": "1",
}
LINES = """
    select
        lines.contract_id, invoices.period_start, line_type, product_id, pricing_group_values,
        presentation_group_values, tier_start, pricing_unit, unit_price,
        sum(quantity), sum(amount)
    from billing.invoice_line_items as lines
    inner join billing.invoices using (invoice_id)
    where quantity <> 0
    group by all
"""
UNRATED = """
    select contract_id, period_start, product_id, pricing_group_values, reason, sum(quantity)
    from billing.unrated_usage
    group by all
"""
TOTALS = "select invoice_id, total from billing.invoices"


def test_cuts_that_change_no_price_and_the_order_of_rows_change_no_bill(tmp_path: Path) -> None:
    book = _with_rising_quantities(random_book(3, contract_count=30, event_count=900))
    random = Random(3)
    events = random.sample(book.events, len(book.events))
    other = Book(_said_otherwise(random, book.catalog), events)
    one = _bill(tmp_path / "one", book, [book.events])
    two = _bill(tmp_path / "two", other, [events[:100], events[100:500], events[500:]])
    slices_one, slices_two = one.pop(), two.pop()
    assert one == two
    assert slices_two > 1.1 * slices_one > 500


def _with_rising_quantities(book: Book) -> Book:
    catalog = {
        relation: [
            {column: FEW_DIGITS.get(text, text) for column, text in row.items()}
            for row in rows
            if not row.get("product_id", "").startswith("b3-x")
        ]
        for relation, rows in book.catalog.items()
    }
    catalog["products"] = [row for row in catalog["products"] if row["product_type"] == "usage"]
    for row in catalog["products"]:
        row["metric_name"] = RISING.get(row["metric_name"], row["metric_name"])
        if row["conversion_operation"] == "divide":
            row |= {"conversion_operation": "", "conversion_factor": ""}
    kept = {row["rate_id"] for row in catalog["rates"]}
    catalog["rate_tiers"] = [row for row in catalog["rate_tiers"] if row["rate_id"] in kept]
    acting = {row["override_id"] for row in catalog["contract_overrides"]}
    catalog["override_tiers"] = [r for r in catalog["override_tiers"] if r["override_id"] in acting]
    events = [
        replace(e, properties={k: FEW_DIGITS.get(v, v) for k, v in e.properties.items()})
        for e in book.events
    ]
    return Book(catalog, events)


def _said_otherwise(random: Random, catalog: Catalog) -> Catalog:
    """The same prices in more rows, and all rows in another order."""
    other = {relation: [dict(row) for row in rows] for relation, rows in catalog.items()}
    taken = {_price_and_start(row) for row in catalog["rates"]}
    for row in catalog["rates"]:
        start = instant_text(random_instant(random) + timedelta(hours=2))
        again = row | {"rate_id": f"{row['rate_id']}-again", "starting_at": start}
        is_in_force = row["starting_at"] < start and start < (row["ending_before"] or "9")
        is_replaced = any(
            _price_and_start(row)[0] == price and row["starting_at"] < at <= start
            for price, at in taken
        )
        if is_in_force and not is_replaced:
            other["rates"].append(again)
            other["rate_tiers"] += [
                tier | {"rate_id": again["rate_id"]}
                for tier in catalog["rate_tiers"]
                if tier["rate_id"] == row["rate_id"]
            ]
    overridden = {row["contract_id"] for row in catalog["contract_overrides"]}
    other["contract_overrides"] += [
        {
            "override_id": f"{contract['contract_id']}-one",
            "contract_id": contract["contract_id"],
            "override_type": "multiplier",
            "starting_at": instant_text(random_instant(random)),
            "multiplier": "1",
        }
        for contract in catalog["contracts"]
        if contract["contract_id"] not in overridden
    ]
    return {relation: random.sample(rows, len(rows)) for relation, rows in other.items()}


def _price_and_start(row: Row) -> tuple[tuple[str, ...], str]:
    columns = ("rate_card_id", "product_id", "pricing_group_values", "rate_basis")
    return tuple(row[column] for column in columns), row["starting_at"]


def _bill(folder: Path, book: Book, batches: Sequence[Sequence[Any]]) -> list[Any]:
    """The bill, summed over slices; last, how many slices there are."""
    project = _project(folder, book, batches)
    with duckdb.connect(str(project.published_database), read_only=True) as connection:
        found: list[Any] = [
            sorted(map(repr, connection.execute(query).fetchall()))
            for query in (LINES, UNRATED, TOTALS)
        ]
        ((slices,),) = connection.execute("select count(*) from work.product_slices").fetchall()
        return [*found, slices]


def _project(folder: Path, book: Book, batches: Sequence[Sequence[Any]]) -> Project:
    folder.mkdir()
    project = new_project(folder / "project")
    write_catalog(project, book.catalog)
    write_metrics(project)
    as_of = AS_OF.replace(tzinfo=UTC)
    for number, events in enumerate(batches):
        path = folder / f"{number}.ndjson"
        path.write_text("".join(event_line(event) + "\n" for event in events))
        land(project, [str(path)], LandOptions(received_at=as_of, is_backfill=True))
    build(project, as_of=as_of)
    return project
