"""Merging a day's event files into one sorted file.

Owns which days are due, the merging, its proof that no row changed, and the removal of replaced
files once nobody can need them. A day is a commit of its own (``bursar.landing.commit``), under the
landing lock, which is free between two days.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import duckdb

from bursar.errors import BursarError
from bursar.landing import faults, merging
from bursar.landing.commit import commit_compaction, recover, staging_folder
from bursar.landing.compact_keys import compact_keys, due_days, remove_replaced_keys
from bursar.landing.compactions import (
    VERSION,
    Compaction,
    compaction_path,
    event_files,
    read_compaction,
    read_compactions,
)
from bursar.landing.engine import open_engine
from bursar.landing.failures import is_disk_full, reason, remedy
from bursar.landing.files import promote
from bursar.landing.instants import datetime_to_instant, format_instant, instant_to_name
from bursar.landing.integrity import damage_error
from bursar.landing.lock import WAIT_SECONDS, landing_lock
from bursar.landing.manifests import EventFile, Promoted
from bursar.project import Project

# Longer than any build or reader: one that began with the old files may still want them.
GRACE = timedelta(hours=24)
FILES_MIN = 2


@dataclass(frozen=True)
class CompactOptions:
    """What to compact.

    Args:
        promoted: The property keys that get a column of their own.
        day: One day (UTC, ISO), whose files are merged if they are more than one; all days if None.
        files_min: How many files make a day due; one is due as well if it lacks a column.
        now: The clock's instant if not given; without a zone it is in UTC.
        wait_seconds: How long to wait for a lander.
    """

    promoted: tuple[str, ...] = ()
    day: str | None = None
    files_min: int = FILES_MIN
    now: datetime | None = None
    wait_seconds: float = WAIT_SECONDS


@dataclass(frozen=True)
class CompactedDay:
    """A day that was compacted: how many files became the one at ``path``, and its rows."""

    event_date: str
    files: int
    rows: int
    path: str


@dataclass(frozen=True)
class CompactReport:
    """What a compaction did.

    Args:
        days: The days whose event files were merged.
        files_removed: How many files of earlier compactions were removed.
        key_files_merged: How many files of transaction ids were merged, a day of receipt into one.
    """

    days: tuple[CompactedDay, ...]
    files_removed: int
    key_files_merged: int


def compact(project: Project, options: CompactOptions) -> CompactReport:
    """Merges the files of each due day; no row changes.

    Raises:
        BursarError: A landing is running, a file is damaged, or the disk is full. Days that are
            done stay so; of the others nothing changed.
    """
    now = datetime_to_instant(options.now or datetime.now(UTC))
    with landing_lock(project.landing, wait_seconds=options.wait_seconds):
        faults.reach("locked")
        recover(project)
        removed = _remove_replaced(project, now)
        remove_replaced_keys(project, now - GRACE // timedelta(microseconds=1))
        days = sorted({file.event_date for file in event_files(project)})
    compacted = []
    for day in days if options.day is None else [options.day]:
        with landing_lock(project.landing, wait_seconds=options.wait_seconds):
            recover(project)
            files = [file for file in event_files(project) if file.event_date == day]
            promoted = _promoted(files, options.promoted)
            if _is_due(files, options.promoted, 2 if options.day else options.files_min):
                compacted.append(_compact_day(project, files, promoted, now))
    keys = 0 if options.day else _compact_keys(project, options, now)
    return CompactReport(tuple(compacted), removed, keys)


def _compact_keys(project: Project, options: CompactOptions, now: int) -> int:
    """Merges the key files of each due day of receipt; how many files became fewer."""
    merged = 0
    for day in due_days(project, options.files_min):
        with landing_lock(project.landing, wait_seconds=options.wait_seconds):
            recover(project)
            try:
                merged += compact_keys(project, day, now)
            except (OSError, duckdb.Error) as error:
                what = f"The transaction ids received on {day}"
                raise _failed(project, what, error) from error
            finally:
                recover(project)
    return merged


def _promoted(files: Sequence[EventFile], keys: Sequence[str]) -> tuple[Promoted, ...]:
    """The keys asked for, and those that have a column already."""
    return promote([*keys, *(pair.property for file in files for pair in file.promoted)])


def _is_due(files: Sequence[EventFile], keys: Sequence[str], files_min: int) -> bool:
    lacks_a_column = any(set(keys) - {pair.property for pair in file.promoted} for file in files)
    return len(files) >= files_min or lacks_a_column


def _compact_day(
    project: Project, files: Sequence[EventFile], promoted: tuple[Promoted, ...], now: int
) -> CompactedDay:
    day = files[0].event_date
    name = f"compacted-{instant_to_name(now)}-{secrets.token_hex(4)}"
    folder = staging_folder(project, name)
    path = f"landing/events/event_date={day}/{name}.parquet"
    try:
        with open_engine(folder / "spill") as connection:
            rows = merging.merge(connection, project.root, files, folder / path, promoted)
        shutil.rmtree(folder / "spill", ignore_errors=True)
        faults.reach("day-merged")
        merged = EventFile(path, day, rows, promoted)
        commit_compaction(project, folder, _manifest(project, files, merged, now))
    except (OSError, duckdb.Error) as error:
        raise _failed(project, f"The events of {day}", error) from error
    finally:
        recover(project)
    return CompactedDay(day, len(files), rows, path)


def _failed(project: Project, what: str, error: Exception) -> BursarError:
    if not is_disk_full(error):
        damaged = damage_error(project, f"{what} could not be compacted.")
        if damaged:
            return damaged
    return BursarError(
        f"{what} could not be compacted: {reason(project.landing, error)}. "
        "No event is changed or lost.",
        remedy=remedy(project.landing, error),
    )


def _manifest(
    project: Project, files: Sequence[EventFile], merged: EventFile, now: int
) -> Compaction:
    before = compaction_path(project, merged.event_date)
    earlier = read_compaction(before).replaces if before.exists() else ()
    return Compaction(
        version=VERSION,
        event_date=merged.event_date,
        compacted_at=format_instant(now),
        replaces=(*earlier, *(file.path for file in files)),
        event_files=(merged,),
    )


def _remove_replaced(project: Project, now: int) -> int:
    """Removes replaced files that no reader can need; the number of them.

    The published warehouse has views on event files. A build that was published a grace after the
    compaction began after it, and so reads the merged file.
    """
    published = project.published_database
    published_at = (
        datetime.fromtimestamp(published.stat().st_mtime, UTC) if published.exists() else None
    )
    removed = 0
    for compaction in read_compactions(project):
        free_from = compaction.compacted_instant.replace(tzinfo=UTC) + GRACE
        instants = [now] if published_at is None else [now, datetime_to_instant(published_at)]
        if min(instants) < datetime_to_instant(free_from):
            continue
        for path in compaction.replaces:
            if (project.root / path).exists():
                (project.root / path).unlink()
                removed += 1
                faults.reach("old-file-removed")
    return removed
