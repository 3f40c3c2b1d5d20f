"""Batch manifests: what each landing read, accepted and wrote.

Owns the form of ``landing/batches/<batch_id>.json``. A batch exists when its manifest does, and
readers take the files to read from manifests, never from a folder's listing. It leaves the moment
of writing one to ``bursar.landing.commit``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bursar.landing.instants import instant_to_datetime, parse_instant
from bursar.landing.records import read_record
from bursar.project import Project

VERSION = 1
BATCHES = "batches"


@dataclass(frozen=True)
class SourceLines:
    """One input file and how many of its lines were read, blank ones left out."""

    path: str
    format: str
    lines: int


@dataclass(frozen=True)
class Counts:
    """Lines by outcome; ``read = accepted + duplicate + rejected`` in every manifest."""

    read: int
    accepted: int
    duplicate: int
    rejected: int


@dataclass(frozen=True)
class Promoted:
    """A property that has a column of its own in an event file."""

    property: str
    column: str


@dataclass(frozen=True)
class EventFile:
    """One Parquet file of accepted events of one day (UTC); ``path`` is relative to the project."""

    path: str
    event_date: str
    rows: int
    promoted: tuple[Promoted, ...]


@dataclass(frozen=True)
class SeenProperties:
    """The property keys that a batch's accepted events of one type have."""

    event_type: str
    properties: tuple[str, ...]


@dataclass(frozen=True)
class Manifest:
    """A landed batch; paths are relative to the project, ``received_at`` is RFC 3339 in UTC."""

    version: int
    batch_id: str
    received_at: str
    is_backfill: bool
    sources: tuple[SourceLines, ...]
    counts: Counts
    rejected_by_reason: Mapping[str, int]
    event_files: tuple[EventFile, ...]
    duplicate_files: tuple[str, ...]
    rejected_files: tuple[str, ...]
    key_files: tuple[str, ...]
    properties_seen: tuple[SeenProperties, ...]

    @property
    def received_instant(self) -> datetime:
        """``received_at`` as a naive datetime in UTC."""
        return instant_to_datetime(parse_instant(self.received_at))

    @property
    def files(self) -> tuple[str, ...]:
        """Every Parquet file of the batch."""
        events = tuple(file.path for file in self.event_files)
        return (*events, *self.duplicate_files, *self.rejected_files, *self.key_files)

    def to_json(self) -> str:
        """The manifest file's text."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"


def manifest_path(project: Project, batch_id: str) -> Path:
    """Where a batch's manifest stands once it is committed."""
    return project.landing / BATCHES / f"{batch_id}.json"


def batch_ids(project: Project) -> list[str]:
    """The committed batches; an id begins with its ``received_at``, so they are in order of it."""
    return sorted(path.stem for path in (project.landing / BATCHES).glob("*.json"))


def read_manifests(project: Project) -> list[Manifest]:
    """All committed batches, in order of ``received_at``.

    Raises:
        BursarError: A manifest cannot be read.
    """
    return [read_manifest(manifest_path(project, batch_id)) for batch_id in batch_ids(project)]


def read_manifest(path: Path) -> Manifest:
    """One manifest.

    Raises:
        BursarError: It is damaged, or of a newer Bursar.
    """
    loss = "without the manifest its events are not billed"
    return read_record(path, "batch manifest", VERSION, loss, _manifest)


def _manifest(content: dict[str, Any]) -> Manifest:
    return Manifest(
        **{
            **content,
            "sources": tuple(SourceLines(**source) for source in content["sources"]),
            "counts": Counts(**content["counts"]),
            "event_files": tuple(_event_file(file) for file in content["event_files"]),
            "duplicate_files": tuple(content["duplicate_files"]),
            "rejected_files": tuple(content["rejected_files"]),
            "key_files": tuple(content["key_files"]),
            "properties_seen": tuple(
                SeenProperties(seen["event_type"], tuple(seen["properties"]))
                for seen in content["properties_seen"]
            ),
        }
    )


def _event_file(file: dict[str, Any]) -> EventFile:
    return EventFile(**{**file, "promoted": tuple(Promoted(**pair) for pair in file["promoted"])})


def observed_properties(project: Project) -> dict[str, frozenset[str]]:
    """Event type to the property keys that any accepted event of it has had."""
    seen: dict[str, set[str]] = {}
    for manifest in read_manifests(project):
        for entry in manifest.properties_seen:
            seen.setdefault(entry.event_type, set()).update(entry.properties)
    return {event_type: frozenset(keys) for event_type, keys in sorted(seen.items())}
