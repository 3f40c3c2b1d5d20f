"""Random books on disk: their catalog, their metrics and their events as a project has them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from datetime import UTC
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from bursar.landing import LandOptions, land
from bursar.project import Project
from bursar.scaffold.new_project import new_project
from bursar.warehouse.build import build
from tests.support.random_books import AS_OF, GROUP_KEYS, METRICS, Book
from tests.support.reference_catalog import Catalog
from tests.support.reference_metering import Event
from tests.support.scenarios import without_column_tests

SQL_METRIC = """
select
    {aggregation}(properties.{property}::decimal(38, 12)) as value,
    {keys}
from events
where event_type in ({event_types})
group by all
"""


def built_book(book: Book, folder: Path, *, has_column_tests: bool = True) -> Project:
    """A project of the book in an empty folder, with all its events landed, and built."""
    project = new_project(folder / "project")
    if not has_column_tests:
        without_column_tests(project)
    write_catalog(project, book.catalog)
    write_metrics(project)
    events = folder / "events.ndjson"
    events.write_text("".join(event_line(event) + "\n" for event in book.events))
    as_of = AS_OF.replace(tzinfo=UTC)
    options = LandOptions(received_at=as_of, is_backfill=True, promoted=("n", "model"))
    land(project, [str(events)], options)
    build(project, as_of=as_of)
    return project


def comparable_rows(rows: Iterable[Iterable[Any]]) -> list[str]:
    """Rows as texts in order, so that a difference shows; numbers without trailing zeros."""
    return sorted(" ".join(map(_text, row)) for row in rows)


def write_catalog(project: Project, catalog: Catalog) -> None:
    """Fills the project's empty seeds."""
    for relation, rows in catalog.items():
        path = project.seeds / f"{relation}.csv"
        header = path.read_text().splitlines()[0].split(",")
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, header, restval="")
            writer.writeheader()
            writer.writerows(rows)


def write_metrics(project: Project) -> None:
    """Declares the metrics of random books, each at every group key, or writes them in SQL."""
    for name, metric in METRICS.items():
        if "own_keys" in metric:
            text = SQL_METRIC.format(
                aggregation=metric["aggregation"],
                property=metric["property"],
                keys=", ".join(f"properties.{key} as {key}" for key in metric["own_keys"]),
                event_types=", ".join(f"'{name}'" for name in metric["event_types"]),
            )
            (project.metrics / f"{name}.sql").write_text(text)
        else:
            declared = {key: value for key, value in metric.items() if value is not None}
            text = yaml.safe_dump(declared | {"group_keys": list(GROUP_KEYS)})
            (project.metrics / f"{name}.yml").write_text(text)


def event_line(event: Event) -> str:
    """The event as a line of NDJSON."""
    return json.dumps(
        {
            "transaction_id": event.transaction_id,
            "customer_id": event.customer_id,
            "event_type": event.event_type,
            "timestamp": event.timestamp.isoformat() + "Z",
            "properties": event.properties,
        }
    )


def _text(value: Any) -> str:
    return format((value + 0).normalize(), "f") if isinstance(value, Decimal) else str(value)
