"""Landing in a test: write lines, land them, read what stands on disk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from bursar.landing import BatchReport, LandOptions, land
from bursar.landing.manifests import read_manifests
from bursar.project import Project

RECEIVED_AT = datetime(2026, 2, 3, tzinfo=UTC)


def event(transaction_id: str = "t1", **changes: Any) -> dict[str, Any]:
    """A good event; a change to None leaves the field out."""
    fields = {
        "transaction_id": transaction_id,
        "customer_id": "acme",
        "event_type": "use",
        "timestamp": "2026-02-01T12:00:00Z",
        "properties": {"n": "1"},
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}


def line(transaction_id: str = "t1", **changes: Any) -> bytes:
    return json.dumps(event(transaction_id, **changes)).encode()


def land_lines(
    root: Path,
    lines: Sequence[bytes],
    *,
    received_at: datetime = RECEIVED_AT,
    is_backfill: bool = False,
    promoted: tuple[str, ...] = (),
    name: str = "events.ndjson",
) -> BatchReport:
    path = root / name
    path.write_bytes(b"".join(text + b"\n" for text in lines))
    options = LandOptions(received_at=received_at, is_backfill=is_backfill, promoted=promoted)
    return land(Project(root), [str(path)], options)


@dataclass(frozen=True)
class Landed:
    """Everything that the manifests of a project name."""

    accepted: list[dict[str, Any]]
    duplicates: list[dict[str, Any]]
    rejected: list[dict[str, Any]]


def landed(root: Path) -> Landed:
    project = Project(root)
    manifests = read_manifests(project)
    return Landed(
        rows(project, [file.path for m in manifests for file in m.event_files]),
        rows(project, [path for m in manifests for path in m.duplicate_files]),
        rows(project, [path for m in manifests for path in m.rejected_files]),
    )


def rows(project: Project, paths: Sequence[str]) -> list[dict[str, Any]]:
    if not paths:
        return []
    files = [str(project.root / path) for path in paths]
    with duckdb.connect() as connection:
        relation = connection.read_parquet(files, union_by_name=True, hive_partitioning=False)
        return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


def one_event(root: Path) -> dict[str, Any]:
    [row] = landed(root).accepted
    return row
