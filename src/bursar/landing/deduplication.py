"""Which events of a chunk are the first with their transaction id.

Owns the tables `accepted_events` and `duplicate_events` of the landing's engine, and the window in
which an id is remembered. The chunk's keys are on the small side of every join: history costs one
scan of its narrow key files and no memory. It leaves the key files' making to
``bursar.landing.files``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from bursar.landing.engine import file_list, run
from bursar.landing.instants import (
    EARLIEST_MICROSECONDS,
    LATEST_MICROSECONDS,
    MICROSECONDS_PER_DAY,
    instant_to_datetime,
    instant_to_name,
    parse_instant,
)
from bursar.landing.manifests import batch_ids, manifest_path, read_manifest
from bursar.project import Project

WINDOW_DAYS = 34

_KNOWN_KEYS = """
create or replace temp table known_keys as
select
    transaction_key,
    arg_min(content_key, (received_at, batch_id)) as content_key,
    min(received_at) as received_at,
    arg_min(batch_id, (received_at, batch_id)) as batch_id
from {keys}
where
    transaction_key in (select transaction_key from judged_events)
    and received_at between ? and ?
group by transaction_key
"""

_NO_KEYS = """(
    select null::uuid as transaction_key, null::uuid as content_key, null::timestamp as received_at,
        null::varchar as batch_id
    where false
)"""

# Repeats inside the chunk: only ids that repeat are grouped with their content.
_REPEATED = """
create or replace temp table repeated_keys as
with repeating as (
    select transaction_key from judged_events group by transaction_key having count(*) > 1
)

select
    transaction_key,
    min(position) as position,
    arg_min(content_key, position) as content_key
from judged_events
where transaction_key in (select transaction_key from repeating)
group by transaction_key
"""

_DUPLICATES = """
create or replace temp table duplicate_events as
select
    judged_events.*,
    judged_events.content_key is distinct from
        coalesce(known_keys.content_key, repeated_keys.content_key) as is_conflicting,
    coalesce(known_keys.received_at, ?) as first_received_at,
    coalesce(known_keys.batch_id, ?) as first_batch_id
from judged_events
left join known_keys on judged_events.transaction_key = known_keys.transaction_key
left join repeated_keys on judged_events.transaction_key = repeated_keys.transaction_key
where
    known_keys.transaction_key is not null
    or judged_events.position > repeated_keys.position
"""

_ACCEPTED = """
create or replace temp table accepted_events as
select * from judged_events anti join duplicate_events using (position)
"""


def window(received_at: int) -> tuple[int, int]:
    """The instants of receipt, both included, whose transaction ids a batch must not repeat.

    It looks both ways: a batch that is landed with an earlier ``received_at`` than one before it
    finds that one's events.
    """
    reach = WINDOW_DAYS * MICROSECONDS_PER_DAY
    earliest = max(received_at - reach, EARLIEST_MICROSECONDS)
    return earliest, min(received_at + reach, LATEST_MICROSECONDS)


def history_key_files(project: Project, received_at: int) -> list[Path]:
    """The key files of the committed batches that were received in the window."""
    earliest, latest = window(received_at)
    # Manifests are named by the second of receipt, so most of history is left out unread.
    first, last = instant_to_name(earliest), instant_to_name(latest)
    files: list[Path] = []
    for batch_id in batch_ids(project):
        if first <= batch_id[: len(first)] <= last:
            manifest = read_manifest(manifest_path(project, batch_id))
            if earliest <= parse_instant(manifest.received_at) <= latest:
                files.extend(project.root / path for path in manifest.key_files)
    return files


def deduplicate(
    connection: duckdb.DuckDBPyConnection,
    key_files: Sequence[Path],
    received_at: int,
    batch_id: str,
) -> None:
    """Splits `judged_events` into `accepted_events` and `duplicate_events`.

    Args:
        connection: The landing's engine.
        key_files: Keys of earlier batches in the window, and of this batch's earlier chunks.
        received_at: The batch's instant of receipt; microseconds since 1970 in UTC.
        batch_id: The batch's id.
    """
    keys = f"read_parquet({file_list(key_files)})" if key_files else _NO_KEYS
    bounds = tuple(instant_to_datetime(instant) for instant in window(received_at))
    run(connection, _KNOWN_KEYS.format(keys=keys), bounds)
    run(connection, _REPEATED)
    run(connection, _DUPLICATES, (instant_to_datetime(received_at), batch_id))
    run(connection, _ACCEPTED)
