"""A bill is a pure function of its inputs: not of the run, the order of arrival or the batches."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import duckdb
import pytest

from bursar.landing import LandOptions, land
from bursar.project import Project
from bursar.scaffold.new_project import new_project
from bursar.warehouse.build import build
from tests.support.random_balances import random_balances
from tests.support.random_books import AS_OF, random_book, shelf
from tests.support.written_books import event_line, write_catalog, write_metrics

pytestmark = pytest.mark.xdist_group("same_inputs")
# What a table says of the run or of a batch, and not of the bill.
ABOUT_THE_RUN = {"build_info": None, "rejected_events": None, "duplicate_events": None}
ABOUT_THE_BATCH = {"batch_id"}
# Nothing is finalized here.
ABOUT_THE_LEDGER = {"late_usage", "invoice_drift"}
BOOK = shelf([random_book(7, contract_count=25, event_count=600), random_balances(1)])
LINES = [event_line(event) for event in BOOK.events]
# A stranger's event and texts that are no numbers, so that the findings have rows to compare.
LINES += [
    json.dumps(
        {
            "transaction_id": f"odd-{number}",
            "customer_id": customer,
            "event_type": "call",
            "timestamp": "2026-02-02T00:00:00Z",
            "properties": {"n": "many"},
        }
    )
    for number, customer in enumerate(
        ("stranger", *(row["customer_id"] for row in BOOK.catalog["customers"][:2]))
    )
]


def project_in(folder: Path, batches: Sequence[Sequence[str]]) -> Project:
    project = new_project(folder / "project")
    write_catalog(project, BOOK.catalog)
    write_metrics(project)
    for number, lines in enumerate(batches):
        path = folder / f"{number}.ndjson"
        path.write_text("\n".join(lines) + "\n")
        land(project, [str(path)], LandOptions(received_at=as_of(), is_backfill=True))
    build(project, as_of=as_of())
    return project


def as_of() -> datetime:
    return AS_OF.replace(tzinfo=UTC)


def rows_by_table(project: Project) -> dict[str, str]:
    """A digest of every table that people read."""
    digests = {}
    with duckdb.connect(str(project.published_database), read_only=True) as connection:
        tables = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'billing'"
        ).fetchall()
        for (table,) in tables:
            if table in ABOUT_THE_RUN:
                continue
            columns = connection.execute(
                "select column_name from information_schema.columns "
                "where table_schema = 'billing' and table_name = ? order by ordinal_position",
                [table],
            ).fetchall()
            kept = ", ".join(f'"{c}"' for (c,) in columns if c not in ABOUT_THE_BATCH)
            rows = connection.execute(f"select {kept} from billing.{table}").fetchall()
            digests[table] = hashlib.sha256(repr(sorted(map(repr, rows))).encode()).hexdigest()
            may_be_empty = ABOUT_THE_LEDGER | {"unrated_usage"}
            assert rows or table in may_be_empty, f"{table} has nothing to compare"
    return digests


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, dict[str, str]]:
    project = project_in(tmp_path_factory.mktemp("reference"), [LINES])
    return project, rows_by_table(project)


def test_arrival_in_another_order_and_other_batches_gives_the_same_rows(
    reference: tuple[Project, dict[str, str]], tmp_path: Path
) -> None:
    shuffled = Random(1).sample(LINES, len(LINES))
    batches = [shuffled[:50], shuffled[50:400], shuffled[390:]]
    assert rows_by_table(project_in(tmp_path, batches)) == reference[1]


def test_building_again_and_from_nothing_gives_the_same_rows(
    reference: tuple[Project, dict[str, str]],
) -> None:
    project, rows = reference
    build(project, as_of=as_of())
    assert rows_by_table(project) == rows
    for path in project.warehouse.glob("*.duckdb*"):
        path.unlink()
    build(project, as_of=as_of())
    assert rows_by_table(project) == rows
