"""The books that the ledger's tests share, and what was billed of them."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from bursar.project import Project
from bursar.scaffold.new_project import new_project
from tests.support.landing import land_lines, line
from tests.support.scenarios import without_column_tests

FEBRUARY_3, FEBRUARY_4, FEBRUARY_5, FEBRUARY_6, FEBRUARY_7 = (
    datetime(2026, 2, day, tzinfo=UTC) for day in range(3, 8)
)
MARCH_3 = datetime(2026, 3, 3, tzinfo=UTC)
Row = dict[str, Any]
MARTS = (
    "invoices",
    "invoice_line_items",
    "balances",
    "balance_ledger",
    "billing_periods",
    "late_usage",
    "invoice_drift",
    "usage_daily",
    "rejected_events",
    "duplicate_events",
    "unmatched_events",
    "unmetered_events",
    "unrated_usage",
)

METRIC = "aggregation: sum\nevent_types: [use]\nproperty: n\n"
CATALOG = {
    "customers": ("customer_id,customer_name", ["c1,One", "c2,Two"]),
    "rate_cards": ("rate_card_id,rate_card_name,currency", ["card,Card,USD"]),
    "products": (
        "product_id,product_name,product_type,metric_name",
        ["p,Units,usage,units", "fee,Commitment,fixed,"],
    ),
    "rates": (
        "rate_id,rate_card_id,product_id,starting_at,rate_type,price",
        ["list,card,p,2020-01-01,flat,1"],
    ),
    "contracts": (
        "contract_id,customer_id,contract_name,rate_card_id,starting_at",
        ["k,c1,First,card,2026-01-01", "k2,c2,Second,card,2026-01-01"],
    ),
    "scheduled_charges": (
        "scheduled_charge_id,contract_id,product_id,charge_name",
        ["setup,k2,fee,Setup"],
    ),
    "scheduled_charge_items": (
        "scheduled_charge_id,invoice_at,unit_price",
        ["setup,2026-02-04,10"],
    ),
    "commits": (
        "commit_id,commit_type,contract_id,product_id,commit_name",
        ["prepaid,prepaid,k,fee,Prepaid", "promise,postpaid,k,fee,Promise"],
    ),
    "commit_segments": (
        "commit_id,starting_at,ending_before,amount",
        ["prepaid,2020-01-01,,400", "promise,2026-01-01,2026-02-03,400"],
    ),
    "commit_invoices": ("commit_id,invoice_at,amount", ["promise,2026-02-03,400"]),
}


def new_books(root: Path) -> Project:
    """A project with the catalog and its one metric, and without events."""
    project = without_column_tests(new_project(root))
    for relation in CATALOG:
        write_relation(project, relation)
    (project.metrics / "units.yml").write_text(METRIC)
    return project


def write_relation(project: Project, relation: str, **changes: str) -> None:
    """Writes a relation of the catalog, with other values in all rows of some columns."""
    columns, lines = CATALOG[relation]
    rows = [dict(zip(columns.split(","), line.split(","), strict=True)) for line in lines]
    path = project.seeds / f"{relation}.csv"
    header = path.read_text().splitlines()[0].split(",")
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, header, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows({**row, **changes} for row in rows)


def land_usage(
    project: Project, customer_id: str, timestamp: str, units: int | str, *, received_at: datetime
) -> None:
    """Lands one event."""
    event = line(
        f"{customer_id} {timestamp} {units}",
        customer_id=customer_id,
        timestamp=timestamp,
        properties={"n": str(units)},
    )
    land_lines(project.root, [event], received_at=received_at, is_backfill=True, promoted=("n",))


def billed(project: Project) -> dict[str, list[Row]]:
    """Every row of every published mart but build_info, whole."""
    with duckdb.connect(str(project.published_database.resolve()), read_only=True) as connection:
        return {mart: _rows(connection, mart) for mart in MARTS}


def totals(project: Project) -> dict[str, tuple[str, str]]:
    """Each invoice's status and total."""
    return statuses(billed(project))


def statuses(marts: dict[str, list[Row]]) -> dict[str, tuple[str, str]]:
    """Each invoice's status and total."""
    return {
        row["invoice_id"]: (row["status"], f"{row['total'].normalize():f}")
        for row in marts["invoices"]
    }


def of_invoice(
    marts: dict[str, list[Row]], invoice_id: str, *, without: tuple[str, ...] = ()
) -> list[Row]:
    """An invoice's header and lines, whole but for some columns."""
    return [
        {name: value for name, value in row.items() if name not in without}
        for mart in ("invoices", "invoice_line_items")
        for row in marts[mart]
        if row["invoice_id"] == invoice_id
    ]


def _rows(connection: duckdb.DuckDBPyConnection, mart: str) -> list[Row]:
    found = connection.execute(f"select * from billing.{mart} order by all")
    columns = [column[0] for column in found.description]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
