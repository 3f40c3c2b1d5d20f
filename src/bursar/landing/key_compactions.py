"""Key compactions: which key files one merged file of their day of receipt stands for.

Owns the form of ``landing/key_compactions/<day>.json`` and the question which key files count now.
Every row of a key file says its batch and instant of receipt, so a merged file serves any window.
Readers take key compactions first and batches second, as those of events.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bursar.landing.instants import instant_to_datetime, parse_instant
from bursar.landing.manifests import Manifest
from bursar.landing.records import read_record
from bursar.project import Project

VERSION = 1
_FOLDER = "key_compactions"


@dataclass(frozen=True)
class KeyCompaction:
    """The merged key file of a day; paths are relative to the project.

    Args:
        version: Of this form.
        ingest_date: The day of receipt in UTC, ISO.
        compacted_at: When it was made, RFC 3339 in UTC.
        batch_ids: The batches whose keys it holds, all of each.
        replaces: Every file that it stands for, those of earlier compactions included.
        path: The merged file.
        rows: How many keys are in it.
    """

    version: int
    ingest_date: str
    compacted_at: str
    batch_ids: tuple[str, ...]
    replaces: tuple[str, ...]
    path: str
    rows: int

    @property
    def compacted_instant(self) -> datetime:
        """``compacted_at`` as a naive datetime in UTC."""
        return instant_to_datetime(parse_instant(self.compacted_at))

    @property
    def files(self) -> tuple[str, ...]:
        """The Parquet files that the compaction brought."""
        return (self.path,)

    def to_json(self) -> str:
        """The manifest file's text."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"


def key_compaction_path(project: Project, ingest_date: str) -> Path:
    """Where a day's key compaction stands once it is committed."""
    return project.landing / _FOLDER / f"{ingest_date}.json"


def read_key_compactions(project: Project) -> list[KeyCompaction]:
    """All committed key compactions, in order of their days.

    Raises:
        BursarError: One cannot be read.
    """
    return [
        read_key_compaction(path) for path in sorted((project.landing / _FOLDER).glob("*.json"))
    ]


def read_key_compaction(path: Path) -> KeyCompaction:
    """One key compaction.

    Raises:
        BursarError: It is damaged, or of a newer Bursar.
    """
    loss = "it says which file holds its day's transaction ids"
    return read_record(path, "key compaction", VERSION, loss, _key_compaction)


def _key_compaction(content: dict[str, Any]) -> KeyCompaction:
    lists = {name: tuple(content[name]) for name in ("batch_ids", "replaces")}
    return KeyCompaction(**{**content, **lists})


def merged_files(compactions: Iterable[KeyCompaction]) -> Mapping[str, str]:
    """For each batch whose keys are merged, the file that holds them."""
    return {batch_id: one.path for one in compactions for batch_id in one.batch_ids}


def standing_key_files(
    manifests: Iterable[Manifest], compactions: Sequence[KeyCompaction]
) -> list[str]:
    """The files that hold the keys of these batches now, each once."""
    merged = merged_files(compactions)
    standing: dict[str, None] = {}
    for manifest in manifests:
        if manifest.batch_id in merged:
            standing[merged[manifest.batch_id]] = None
        else:
            standing.update(dict.fromkeys(manifest.key_files))
    return list(standing)
