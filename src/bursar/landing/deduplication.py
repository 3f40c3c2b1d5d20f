"""Which events of a chunk are the first with their transaction id.

Owns the window in which an id is remembered. The chunk's keys are on the small side of every join:
history costs one scan of its narrow key files and no memory. It leaves the key files' making to
``bursar.landing.files``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from bursar.landing.engine import fetch, file_list, run
from bursar.landing.instants import (
    EARLIEST_MICROSECONDS,
    LATEST_MICROSECONDS,
    MICROSECONDS_PER_DAY,
    instant_to_datetime,
    instant_to_name,
    parse_instant,
)
from bursar.landing.key_compactions import merged_files, read_key_compactions
from bursar.landing.manifests import batch_ids, manifest_path, read_manifest
from bursar.project import Project

WINDOW_DAYS = 34

# The chunk's keys are `judged_keys`: position, transaction_key, content_key. Few of them are known,
# so history is asked for its keys alone, and for the rest only in the files that hold some.
_FILES_WITH_KNOWN_KEYS = """
select distinct filename
from read_parquet({files}, filename = true, hive_partitioning = false)
where transaction_key in (select transaction_key from judged_keys)
"""

_KNOWN_KEYS = """
create or replace temp table known_keys as
select
    transaction_key,
    arg_min(content_key, (received_at, batch_id)) as content_key,
    min(received_at) as received_at,
    arg_min(batch_id, (received_at, batch_id)) as batch_id
from {keys}
where
    transaction_key in (select transaction_key from judged_keys)
    and received_at between ? and ?
group by transaction_key
"""

_NO_KEYS = """(
    select null::uuid as transaction_key, null::uuid as content_key, null::timestamp as received_at,
        null::varchar as batch_id
    where false
)"""

# Of the batch's own keys, hashes stay in the engine: a large batch asks for them once a chunk.
_OWN_KEYS = "create temp table if not exists own_keys (key_hash ubigint, file_number integer)"
_OWN_FILES = """
select distinct file_number
from own_keys
where key_hash in (select hash(transaction_key) from judged_keys)
"""
_KEEP_OWN = "insert into own_keys select hash(transaction_key), ? from accepted_keys"

# Repeats inside the chunk: only ids that repeat are grouped with their content.
_REPEATED = """
create or replace temp table repeated_keys as
with repeating as (
    select transaction_key from judged_keys group by transaction_key having count(*) > 1
)

select
    transaction_key,
    min(position) as position,
    arg_min(content_key, position) as content_key
from judged_keys
where transaction_key in (select transaction_key from repeating)
group by transaction_key
"""

_DUPLICATES = """
select
    judged_keys.position,
    judged_keys.content_key is distinct from
        coalesce(known_keys.content_key, repeated_keys.content_key) as is_conflicting,
    coalesce(known_keys.received_at, ?) as first_received_at,
    coalesce(known_keys.batch_id, ?) as first_batch_id
from judged_keys
left join known_keys on judged_keys.transaction_key = known_keys.transaction_key
left join repeated_keys on judged_keys.transaction_key = repeated_keys.transaction_key
where
    known_keys.transaction_key is not null
    or judged_keys.position > repeated_keys.position
order by judged_keys.position
"""


@dataclass(frozen=True)
class Deduplicated:
    """A chunk's events, each accepted or a duplicate.

    Args:
        events: All of them.
        accepted_rows: Which rows are the first with their transaction id.
        duplicates: The other rows in order of position, with `is_conflicting`, `first_received_at`
            and `first_batch_id` behind their columns.
    """

    events: pa.Table
    accepted_rows: pa.Array
    duplicates: pa.Table

    def accepted(self, *columns: str) -> pa.Table:
        """Some columns of the accepted events. Whole rows are worth taking only once, in order."""
        return self.events.select(columns).take(self.accepted_rows)


def window(received_at: int) -> tuple[int, int]:
    """The instants of receipt, both included, whose transaction ids a batch must not repeat.

    It looks both ways: a batch that is landed with an earlier ``received_at`` than one before it
    finds that one's events.
    """
    reach = WINDOW_DAYS * MICROSECONDS_PER_DAY
    earliest = max(received_at - reach, EARLIEST_MICROSECONDS)
    return earliest, min(received_at + reach, LATEST_MICROSECONDS)


def history_key_files(project: Project, received_at: int) -> list[Path]:
    """The key files of the committed batches that were received in the window.

    A merged one also holds keys of its day that are outside of it.
    """
    earliest, latest = window(received_at)
    merged = merged_files(read_key_compactions(project))  # before the batches
    # Manifests are named by the second of receipt, so most of history is left out unread.
    first, last = instant_to_name(earliest), instant_to_name(latest)
    files: dict[str, None] = {}
    for batch_id in batch_ids(project):
        if not first <= batch_id[: len(first)] <= last:
            continue
        if batch_id in merged:
            files[merged[batch_id]] = None
            continue
        manifest = read_manifest(manifest_path(project, batch_id))
        if earliest <= parse_instant(manifest.received_at) <= latest:
            files.update(dict.fromkeys(manifest.key_files))
    return [project.root / path for path in files]


def deduplicate(
    connection: duckdb.DuckDBPyConnection,
    events: pa.Table,
    history: Sequence[Path],
    own_files: Sequence[Path],
    received_at: int,
    batch_id: str,
) -> Deduplicated:
    """Tells the first events with their transaction ids from the others.

    Args:
        connection: The landing's engine; it remembers what the batch has accepted.
        events: A chunk's events, of `bursar.landing.events.events_schema`.
        history: The key files of earlier batches in the window.
        own_files: Those of this batch's earlier chunks, in their order.
        received_at: The batch's instant of receipt; microseconds since 1970 in UTC.
        batch_id: The batch's id.
    """
    bounds = tuple(instant_to_datetime(instant) for instant in window(received_at))
    with _registered(
        connection, "judged_keys", events.select(["position", "transaction_key", "content_key"])
    ):
        files = [*_history_with_known_keys(connection, history), *_own(connection, own_files)]
        keys = f"read_parquet({file_list(files)})" if files else _NO_KEYS
        run(connection, _KNOWN_KEYS.format(keys=keys), bounds)
        run(connection, _REPEATED)
        found = fetch(connection, _DUPLICATES, (instant_to_datetime(received_at), batch_id))
    deduplicated = _split(events, found)
    with _registered(connection, "accepted_keys", deduplicated.accepted("transaction_key")):
        run(connection, _KEEP_OWN, (len(own_files),))
    return deduplicated


@contextmanager
def _registered(
    connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table
) -> Iterator[None]:
    connection.register(name, table)
    try:
        yield
    finally:
        connection.unregister(name)


def _history_with_known_keys(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Path]
) -> list[Path]:
    """Those of the files that hold a key of the chunk."""
    if not files:
        return []
    found = run(connection, _FILES_WITH_KNOWN_KEYS.format(files=file_list(files)))
    return [Path(name) for (name,) in found]


def _own(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> list[Path]:
    """Those of the batch's own files that may hold one."""
    run(connection, _OWN_KEYS)
    return [files[number] for (number,) in run(connection, _OWN_FILES)]


def _split(events: pa.Table, found: pa.Table) -> Deduplicated:
    positions = events["position"]
    duplicates = events.take(pc.index_in(found["position"], value_set=positions))
    for name in ("is_conflicting", "first_received_at", "first_batch_id"):
        duplicates = duplicates.append_column(name, found[name])
    is_accepted = pc.invert(pc.is_in(positions, value_set=found["position"]))
    return Deduplicated(events, pc.indices_nonzero(is_accepted), duplicates)
