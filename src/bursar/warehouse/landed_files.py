"""Which landed files one build reads.

Owns `warehouse/landed.json`, from which the macros take the lists of files. It is written once,
when the build begins: a batch that is committed while models run, with a `received_at` before
`as_of`, would otherwise be in some of them and not in others. Its lines have the fields of batch
manifests, which macros read without Bursar's commands. A compaction meanwhile does no harm: it
leaves the files that it replaces for a day.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice

from bursar.landing.compactions import Compaction, read_compactions, standing_files
from bursar.landing.manifests import Manifest, read_manifests
from bursar.project import Project

LANDED_FILE = "landed.json"
# A relative path, as `run_state.RUN_STATE_VARIABLE`'s.
LANDED_FILES_VARIABLE = "BURSAR_LANDED_FILES"
# DuckDB refuses JSON objects of more than 16 MiB.
_FILES_A_LINE = 10_000


@dataclass(frozen=True)
class Landed:
    """What had landed at one moment: whole batches, and the compactions before them."""

    compactions: tuple[Compaction, ...]
    manifests: tuple[Manifest, ...]


def observe(project: Project) -> Landed:
    """What has landed now."""
    compactions = tuple(read_compactions(project))  # before the batches
    return Landed(compactions, tuple(read_manifests(project)))


def write(project: Project, compactions: Sequence[Compaction], seen: Sequence[Manifest]) -> None:
    """Writes the files of the batches that a build sees where macros read them, whole or not."""
    landed = (file for manifest in seen for file in manifest.event_files)
    lists: dict[str, Sequence[object]] = {
        "event_files": [asdict(file) for file in standing_files(landed, compactions)],
        "duplicate_files": [path for manifest in seen for path in manifest.duplicate_files],
        "rejected_files": [path for manifest in seen for path in manifest.rejected_files],
    }
    path = project.warehouse / LANDED_FILE
    aside = path.with_suffix(".tmp")
    aside.write_text("".join(_lines(lists)), encoding="utf-8")
    aside.replace(path)


def _lines(lists: Mapping[str, Sequence[object]]) -> Iterator[str]:
    """One JSON object a line, each with a part of the lists; at least one."""
    rest = {name: iter(files) for name, files in lists.items()}
    while True:
        part = {name: list(islice(files, _FILES_A_LINE)) for name, files in rest.items()}
        yield json.dumps(part, ensure_ascii=False) + "\n"
        if all(len(files) < _FILES_A_LINE for files in part.values()):
            return
