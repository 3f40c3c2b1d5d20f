"""Whether the landed files are whole.

Owns finding those that manifests name and that are missing, torn or hold other rows than the
manifest says: what a dying disk, or a copy that was cut off, leaves. It mends nothing: what is gone
stands in a backup. That files of a batch that was never committed do no harm is
``bursar.landing.commit``'s affair.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from bursar.errors import BursarError
from bursar.landing.compactions import read_compactions, standing_files
from bursar.landing.key_compactions import merged_files, read_key_compactions
from bursar.landing.manifests import Manifest, read_manifests
from bursar.project import Project
from bursar.words import listed

_SHOWN_MAX = 20


@dataclass(frozen=True)
class Damage:
    """A file that is not what its manifest says; ``path`` is relative to the project."""

    path: str
    problem: str


def damaged_files(project: Project) -> list[Damage]:
    """Every damaged file, told from the files' ends alone: their pages are not read.

    Raises:
        BursarError: A manifest cannot be read.
    """
    compactions = read_compactions(project)  # before the batches
    key_compactions = read_key_compactions(project)
    manifests = read_manifests(project)
    landed = [file for manifest in manifests for file in manifest.event_files]
    damages: list[Damage] = []
    for file in standing_files(landed, compactions):
        damages += _damages(project.root, [file.path], file.rows)
    for compaction in key_compactions:
        damages += _damages(project.root, [compaction.path], compaction.rows)
    merged = merged_files(key_compactions)
    for manifest in manifests:
        for paths, rows in _outcome_files(manifest, has_own_keys=manifest.batch_id not in merged):
            damages += _damages(project.root, paths, rows)
    return damages


def damage_error(project: Project, consequence: str) -> BursarError | None:
    """The error that names every damaged file; none if all are whole.

    Args:
        project: Whose files.
        consequence: What could not be done because of them, as a sentence.
    """
    damages = damaged_files(project)
    if not damages:
        return None
    files = f"{len(damages)} landed file{' is' if len(damages) == 1 else 's are'} damaged"
    shown = listed([f"{d.path} ({d.problem})" for d in damages], _SHOWN_MAX)
    return BursarError(
        f"{consequence} {files}: {shown}.",
        remedy="Restore what is named from your backup of landing/, and run this again.",
    )


def _outcome_files(
    manifest: Manifest, *, has_own_keys: bool
) -> Iterator[tuple[Sequence[str], int]]:
    counts = manifest.counts
    if has_own_keys:
        yield manifest.key_files, counts.accepted
    yield manifest.duplicate_files, counts.duplicate
    yield manifest.rejected_files, counts.rejected


def _damages(root: Path, paths: Sequence[str], rows_named: int) -> list[Damage]:
    """What is wrong with files that hold so many rows together."""
    found: list[Damage] = []
    rows = 0
    for path in paths:
        try:
            rows += pq.read_metadata(root / path).num_rows
        except FileNotFoundError:
            found.append(Damage(path, "missing"))
        except (OSError, pa.ArrowException) as error:
            found.append(Damage(path, str(error).partition(". ")[0].rstrip(".")))
    if not found and rows != rows_named:
        found.append(Damage(", ".join(paths), f"{rows:,} rows, and {rows_named:,} by the manifest"))
    return found
