"""What landed: the history of one transaction id, and counts by outcome and day.

Owns reading the landed files for people. It reads committed batches only and takes no lock. What
became of an event on a bill is in the published warehouse, and not known here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from bursar.landing.compactions import read_compactions, standing_files
from bursar.landing.engine import file_list, open_engine, run
from bursar.landing.integrity import damage_error
from bursar.landing.key_compactions import read_key_compactions, standing_key_files
from bursar.landing.manifests import Manifest, read_manifests
from bursar.project import Project

_ACCEPTED_BATCHES = """
select distinct batch_id
from read_parquet({files})
where transaction_key = md5(?)::uuid
"""

_ACCEPTED = """
select batch_id, received_at, customer_id, event_type, "timestamp", filename
from read_parquet({files}, union_by_name = true, filename = true)
where transaction_id = ?
order by received_at, filename
"""

_DUPLICATES = """
select
    batch_id, received_at, customer_id, event_type, "timestamp", source_file, line_number,
    is_conflicting, first_batch_id
from read_parquet({files})
where transaction_id = ?
order by received_at, source_file, line_number
"""

_REJECTS = """
select batch_id, received_at, source_file, line_number, reason, detail
from read_parquet({files})
where contains(raw, ?) or contains(raw, ?)
order by received_at, source_file, line_number
"""


@dataclass(frozen=True)
class Trace:
    """One landed line that has, or seems to have, a transaction id.

    Args:
        outcome: ``accepted``, ``duplicate`` or ``rejected``.
        batch_id: Its batch.
        received_at: When that was received, in UTC.
        customer_id: As sent; none for a reject.
        event_type: None for a reject.
        timestamp: When the usage happened, in UTC; none for a reject.
        place: The event file, or the source file and line.
        detail: Why it is a duplicate or a reject; empty if accepted.
    """

    outcome: str
    batch_id: str
    received_at: datetime
    customer_id: str | None
    event_type: str | None
    timestamp: datetime | None
    place: str
    detail: str


def trace(project: Project, transaction_id: str) -> list[Trace]:
    """Every landed line with the id: accepted, duplicate, and rejects whose text contains it.

    Raises:
        BursarError: A landed file is damaged.
    """
    try:
        return _trace(project, transaction_id)
    except duckdb.Error as error:
        damaged = damage_error(project, f"What became of {transaction_id} cannot be told.")
        if damaged:
            raise damaged from error
        raise


def _trace(project: Project, transaction_id: str) -> list[Trace]:
    compactions = read_compactions(project)  # before the batches
    key_compactions = read_key_compactions(project)
    manifests = read_manifests(project)
    with open_engine() as connection:

        def rows(query: str, paths: Sequence[str], *parameters: str) -> list[tuple[Any, ...]]:
            if not paths:
                return []
            files = file_list([project.root / path for path in paths])
            return run(connection, query.format(files=files), parameters)

        keys = standing_key_files(manifests, key_compactions)
        batches = {row[0] for row in rows(_ACCEPTED_BATCHES, keys, transaction_id)}
        landed = [file for m in manifests if m.batch_id in batches for file in m.event_files]
        events = [file.path for file in standing_files(landed, compactions)]
        duplicates = [path for manifest in manifests for path in manifest.duplicate_files]
        rejects = [path for manifest in manifests for path in manifest.rejected_files]
        # In a line's text the id may stand as JSON writes it.
        escaped = json.dumps(transaction_id)[1:-1]
        return [
            *(_accepted(project, row) for row in rows(_ACCEPTED, events, transaction_id)),
            *(_duplicate(row) for row in rows(_DUPLICATES, duplicates, transaction_id)),
            *(_reject(row) for row in rows(_REJECTS, rejects, transaction_id, escaped)),
        ]


def _accepted(project: Project, row: tuple[Any, ...]) -> Trace:
    batch_id, received_at, customer_id, event_type, timestamp, filename = row
    place = project.relative(Path(filename))
    return Trace(
        "accepted", batch_id, received_at, customer_id, event_type, timestamp, place, detail=""
    )


def _duplicate(row: tuple[Any, ...]) -> Trace:
    batch_id, received_at, customer_id, event_type, timestamp, source, line, *first = row
    is_conflicting, first_batch_id = first
    likeness = "differs from" if is_conflicting else "same as"
    detail = f"{likeness} the first, of batch {first_batch_id}"
    place = f"{source}:{line}"
    return Trace(
        "duplicate", batch_id, received_at, customer_id, event_type, timestamp, place, detail
    )


def _reject(row: tuple[Any, ...]) -> Trace:
    batch_id, received_at, source, line, reason, detail = row
    place = f"{source}:{line}"
    return Trace("rejected", batch_id, received_at, None, None, None, place, f"{reason}: {detail}")


@dataclass(frozen=True)
class Status:
    """What has landed in all.

    Args:
        manifests: Every committed batch, in order of receipt.
        accepted_by_day: Event day (UTC, ISO) to accepted events.
    """

    manifests: tuple[Manifest, ...]
    accepted_by_day: tuple[tuple[str, int], ...]


def status(project: Project) -> Status:
    """Counts of everything landed, from the manifests alone."""
    manifests = tuple(read_manifests(project))
    days: dict[str, int] = {}
    for manifest in manifests:
        for file in manifest.event_files:
            days[file.event_date] = days.get(file.event_date, 0) + file.rows
    return Status(manifests, tuple(sorted(days.items())))
