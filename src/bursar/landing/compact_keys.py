"""Merging a day's key files into one, so that a landing opens few of them.

Owns which days are due, the merging, its proof that no key changed, and the removal of replaced
files. A day is a commit of its own (``bursar.landing.commit``), under the landing lock, which the
caller holds.
"""

from __future__ import annotations

import secrets
import shutil
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path, PurePath

import duckdb

from bursar.errors import BursarError
from bursar.landing import faults
from bursar.landing.commit import commit_key_compaction, staging_folder
from bursar.landing.engine import file_list, open_engine, quote, run
from bursar.landing.instants import format_instant, instant_to_name, parse_instant
from bursar.landing.key_compactions import (
    VERSION,
    KeyCompaction,
    key_compaction_path,
    read_key_compaction,
    read_key_compactions,
    standing_key_files,
)
from bursar.landing.manifests import Manifest, read_manifests
from bursar.project import Project

_COLUMNS = "transaction_key, content_key, received_at, batch_id"

# Sums, because the order of rows is what a merge changes. The hash is never stored.
_SUMMARY = """
select count(*), sum(hash({columns})), count(distinct batch_id)
from read_parquet({files}, hive_partitioning = false)
"""


def due_days(project: Project, files_min: int) -> list[str]:
    """The days of receipt with so many key files, in order."""
    compactions = read_key_compactions(project)  # before the batches
    files: defaultdict[str, int] = defaultdict(int)
    for path in standing_key_files(read_manifests(project), compactions):
        files[_day(path)] += 1
    return sorted(day for day, count in files.items() if count >= files_min)


def compact_keys(project: Project, day: str, now: int) -> int:
    """Merges the key files of one day of receipt; returns how many became one.

    Args:
        project: Whose files.
        day: The day in UTC, ISO.
        now: The instant of the compaction; microseconds since 1970 in UTC.

    Raises:
        BursarError: The merged file does not hold the same keys; nothing changed.
        OSError: The disk is full.
        duckdb.Error: A file is damaged, or the disk is full.
    """
    compactions = [one for one in read_key_compactions(project) if one.ingest_date == day]
    batches = [batch for batch in read_manifests(project) if _is_of(batch, day)]
    files = standing_key_files(batches, compactions)
    name = f"compacted-keys-{instant_to_name(now)}-{secrets.token_hex(4)}"
    folder = staging_folder(project, name)
    path = f"landing/keys/ingest_date={day}/{name}.parquet"
    with open_engine(folder / "spill") as connection:
        rows = _merge(connection, [project.root / file for file in files], folder / path)
    shutil.rmtree(folder / "spill", ignore_errors=True)
    faults.reach("day-merged")
    earlier = key_compaction_path(project, day)
    replaced = read_key_compaction(earlier).replaces if earlier.exists() else ()
    merged = KeyCompaction(
        version=VERSION,
        ingest_date=day,
        compacted_at=format_instant(now),
        batch_ids=tuple(batch.batch_id for batch in batches),
        replaces=(*replaced, *files),
        path=path,
        rows=rows,
    )
    if rows != sum(batch.counts.accepted for batch in batches):
        raise _unequal(day)
    commit_key_compaction(project, folder, merged)
    return len(files)


def remove_replaced_keys(project: Project, free_from: int) -> None:
    """Removes the files that compactions up to that instant have replaced.

    Only landings read them, which the lock keeps away, and `bursar events show`, for moments.
    """
    for compaction in read_key_compactions(project):
        if parse_instant(compaction.compacted_at) <= free_from:
            for path in compaction.replaces:
                (project.root / path).unlink(missing_ok=True)
                faults.reach("old-file-removed")


def _merge(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], merged: Path) -> int:
    merged.parent.mkdir(parents=True)
    run(
        connection,
        f"copy (select {_COLUMNS} from read_parquet({file_list(files)}, "
        f"hive_partitioning = false)) to {quote(str(merged))} "
        "(format parquet, compression zstd)",
    )
    before, after = (
        run(connection, _SUMMARY.format(columns=_COLUMNS, files=file_list(paths)))
        for paths in (files, [merged])
    )
    if before != after:
        raise _unequal(merged.parent.name)
    return int(after[0][0])


def _unequal(day: str) -> BursarError:
    return BursarError(
        f"The merged file does not hold the transaction ids received on {day}. They stand as "
        "before.",
        remedy="This is a fault of Bursar, or a file under landing/keys is damaged: please report "
        "it.",
    )


def _day(path: str) -> str:
    return PurePath(path).parent.name.removeprefix("ingest_date=")


def _is_of(batch: Manifest, day: str) -> bool:
    return any(_day(path) == day for path in batch.key_files)
