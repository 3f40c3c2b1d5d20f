"""Random books on disk: their catalog, their metrics and their events as a project has them."""

from __future__ import annotations

import csv
import json

import yaml

from bursar.project import Project
from tests.support.random_books import GROUP_KEYS, METRICS
from tests.support.reference_rater import Event, Row


def write_catalog(project: Project, catalog: dict[str, list[Row]]) -> None:
    """Fills the project's empty seeds."""
    for relation, rows in catalog.items():
        path = project.seeds / f"{relation}.csv"
        header = path.read_text().splitlines()[0].split(",")
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, header, restval="")
            writer.writeheader()
            writer.writerows(rows)


def write_metrics(project: Project) -> None:
    """Declares the metrics of random books, each at every group key."""
    for name, metric in METRICS.items():
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
