"""Compaction manifests: which event files one merged file of their day stands for.

Owns the form of ``landing/compactions/<day>.json`` and the question which event files count now.
Batch manifests are never changed: a file that they name and a compaction replaces is read as the
merged one. One file a day says so, replaced by one rename, so a reader sees a day before or after.
Readers take compactions first and batches second: then every replaced file has its batch.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bursar.landing.instants import instant_to_datetime, parse_instant
from bursar.landing.manifests import EventFile, Promoted, read_manifests
from bursar.landing.records import read_record
from bursar.project import Project

VERSION = 1
COMPACTIONS = "compactions"


@dataclass(frozen=True)
class Compaction:
    """A day's merged file; paths are relative to the project.

    Args:
        version: Of this form.
        event_date: The day in UTC, ISO.
        compacted_at: When it was made, RFC 3339 in UTC.
        replaces: Every file that it stands for, those of earlier compactions included.
        event_files: The merged file.
    """

    version: int
    event_date: str
    compacted_at: str
    replaces: tuple[str, ...]
    event_files: tuple[EventFile, ...]

    @property
    def compacted_instant(self) -> datetime:
        """``compacted_at`` as a naive datetime in UTC."""
        return instant_to_datetime(parse_instant(self.compacted_at))

    @property
    def files(self) -> tuple[str, ...]:
        """The Parquet files that the compaction brought."""
        return tuple(file.path for file in self.event_files)

    def to_json(self) -> str:
        """The manifest file's text."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"


def compaction_path(project: Project, event_date: str) -> Path:
    """Where a day's compaction stands once it is committed."""
    return project.landing / COMPACTIONS / f"{event_date}.json"


def read_compactions(project: Project) -> list[Compaction]:
    """All committed compactions, in order of their days.

    Raises:
        BursarError: One cannot be read.
    """
    return [read_compaction(path) for path in sorted(_folder(project).glob("*.json"))]


def _folder(project: Project) -> Path:
    return project.landing / COMPACTIONS


def read_compaction(path: Path) -> Compaction:
    """One compaction manifest.

    Raises:
        BursarError: It is damaged, or of a newer Bursar.
    """
    loss = "it says which files hold its day's events"
    return read_record(path, "compaction manifest", VERSION, loss, _compaction)


def _compaction(content: dict[str, Any]) -> Compaction:
    files = [
        EventFile(**{**file, "promoted": tuple(Promoted(**pair) for pair in file["promoted"])})
        for file in content["event_files"]
    ]
    merged = {"replaces": tuple(content["replaces"]), "event_files": tuple(files)}
    return Compaction(**{**content, **merged})


def standing_files(
    files: Iterable[EventFile], compactions: Sequence[Compaction]
) -> list[EventFile]:
    """The files as they are now read: each replaced one as its day's merged file, each once."""
    merged = {
        path: file
        for compaction in compactions
        for file in compaction.event_files
        for path in compaction.replaces
    }
    standing = {}
    for file in files:
        now = merged.get(file.path, file)
        standing[now.path] = now
    return list(standing.values())


def event_files(project: Project) -> list[EventFile]:
    """The event files that hold every accepted event once."""
    compactions = read_compactions(project)  # before the batches
    return standing_files(
        (file for manifest in read_manifests(project) for file in manifest.event_files),
        compactions,
    )
