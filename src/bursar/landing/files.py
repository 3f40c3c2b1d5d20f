"""A chunk's Parquet files, in the batch's staging folder.

Owns the columns, order and compression of what landing writes. Files are staged under the path that
they will have in the project; ``bursar.landing.commit`` moves them there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from bursar.landing.engine import quote, run
from bursar.landing.instants import instant_to_datetime
from bursar.landing.manifests import EventFile, Promoted
from bursar.properties import property_column

_EVENTS = """
create or replace temp table sorted_events as
select
    transaction_id,
    customer_id,
    event_type,
    "timestamp",
    ?::timestamp as received_at,
    ?::varchar as batch_id,
    {promoted}
    {rest} as properties,
    "timestamp"::date as event_date
from accepted_events
order by event_date, event_type, customer_id, "timestamp", transaction_id
"""

_KEYS = """
select transaction_key, content_key, {received_at} as received_at, {batch_id} as batch_id
from accepted_events
order by transaction_key
"""

_DUPLICATES = """
select
    {batch_id} as batch_id,
    {received_at} as received_at,
    source_file,
    line_number,
    transaction_id,
    customer_id,
    event_type,
    "timestamp",
    to_json(map(property_keys, property_values))::varchar as properties,
    is_conflicting,
    first_received_at,
    first_batch_id
from duplicate_events
inner join chunk_lines using (position)  -- every position is a line of the chunk
order by position
"""

_REJECTS = """
select
    {batch_id} as batch_id,
    {received_at} as received_at,
    source_file,
    line_number,
    reason,
    detail,
    raw,
    raw_bytes
from rejected_lines
inner join chunk_lines using (position)  -- every position is a line of the chunk
order by position
"""


@dataclass(frozen=True)
class StagedFile:
    """A staged file and its rows; ``path`` is relative to the project and to the staging folder."""

    path: str
    rows: int


@dataclass
class StagedBatch:
    """What a batch has written so far.

    Args:
        batch_id: The batch's id.
        received_at: Its instant of receipt; microseconds since 1970 in UTC.
        folder: Its staging folder.
        promoted: The properties that get a column of their own.
        chunks: How many chunks are staged.
    """

    batch_id: str
    received_at: int
    folder: Path
    promoted: tuple[Promoted, ...]
    chunks: int = 0
    event_files: list[EventFile] = field(default_factory=list)
    key_files: list[StagedFile] = field(default_factory=list)
    duplicate_files: list[StagedFile] = field(default_factory=list)
    rejected_files: list[StagedFile] = field(default_factory=list)


def promote(keys: Sequence[str]) -> tuple[Promoted, ...]:
    """The columns of the properties that get one, in order of the keys."""
    return tuple(Promoted(key, property_column(key)) for key in sorted(set(keys)))


def stage_chunk(connection: duckdb.DuckDBPyConnection, batch: StagedBatch) -> None:
    """Writes the engine's accepted, duplicate and rejected rows as the batch's next files."""
    batch.chunks += 1
    name = batch.batch_id if batch.chunks == 1 else f"{batch.batch_id}-{batch.chunks}"
    received = instant_to_datetime(batch.received_at)
    _stage_events(connection, batch, name)
    key_folder = f"landing/keys/ingest_date={received.date().isoformat()}"
    for folder, query, staged in (
        (key_folder, _KEYS, batch.key_files),
        ("landing/duplicates", _DUPLICATES, batch.duplicate_files),
        ("landing/rejected", _REJECTS, batch.rejected_files),
    ):
        sql = query.format(
            batch_id=quote(batch.batch_id), received_at=f"timestamp {quote(str(received))}"
        )
        _stage(connection, batch, f"{folder}/{name}.parquet", sql, staged)


def _stage_events(connection: duckdb.DuckDBPyConnection, batch: StagedBatch, name: str) -> None:
    columns = [f"{_value(p.property)} as {p.column}," for p in batch.promoted]
    sql = _EVENTS.format(promoted="\n    ".join(columns), rest=_rest(batch.promoted))
    run(connection, sql, (instant_to_datetime(batch.received_at), batch.batch_id))
    days = run(
        connection,
        "select event_date, count(*) from sorted_events group by event_date order by event_date",
    )
    for day, rows in days:
        path = f"landing/events/event_date={day.isoformat()}/{name}.parquet"
        query = (
            "select * exclude (event_date) from sorted_events "
            f"where event_date = date {quote(day.isoformat())}"
        )
        _copy(connection, batch.folder / path, query)
        batch.event_files.append(EventFile(path, day.isoformat(), rows, batch.promoted))


def _value(key: str) -> str:
    """A property's text, null where the event has none."""
    return f"property_values[list_position(property_keys, {quote(key)})]"


def _rest(promoted: Sequence[Promoted]) -> str:
    """The map of the properties that have no column of their own."""
    if not promoted:
        return "map(property_keys, property_values)"
    columns = ", ".join(quote(pair.property) for pair in promoted)
    return (
        f"map(list_filter(property_keys, lambda key: key not in ({columns})), "
        "list_filter(property_values, "
        f"lambda text, place: property_keys[place] not in ({columns})))"
    )


def _stage(
    connection: duckdb.DuckDBPyConnection,
    batch: StagedBatch,
    path: str,
    query: str,
    staged: list[StagedFile],
) -> None:
    table = {
        "keys": "accepted_events",
        "duplicates": "duplicate_events",
        "rejected": "rejected_lines",
    }
    rows = run(connection, f"select count(*) from {table[path.split('/')[1]]}")[0][0]
    if rows:
        _copy(connection, batch.folder / path, query)
        staged.append(StagedFile(path, rows))


def _copy(connection: duckdb.DuckDBPyConnection, path: Path, query: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    run(connection, f"copy ({query}) to {quote(str(path))} (format parquet, compression zstd)")
