"""A chunk's Parquet files, in the batch's staging folder.

Owns the columns, order and compression of what landing writes. Files are staged under the path that
they will have in the project; ``bursar.landing.commit`` moves them there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bursar.landing.deduplication import Deduplicated
from bursar.landing.engine import fetch, quote
from bursar.landing.instants import instant_to_datetime
from bursar.landing.judging import JudgedChunk
from bursar.landing.manifests import EventFile, Promoted
from bursar.landing.readers.chunk import Chunk
from bursar.landing.scanner.taking import take_rows
from bursar.properties import property_column

_ROW_GROUP_ROWS = 122_880  # what DuckDB reads at a time
_REPEATING = ("customer_id", "event_type", "received_at", "batch_id")

# All properties of a duplicate, those with a column of their own too, as one object.
_ALL_PROPERTIES = """
select
    to_json(
        map_from_entries(
            list_sort(
                list_concat(
                    map_entries(properties),
                    list_filter({promoted}, lambda entry: entry.value is not null)
                )
            )
        )
    )::varchar as properties
from duplicate_events
order by position
"""
_NO_ENTRIES = "[]::struct(key varchar, value varchar)[]"


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


def stage_chunk(
    connection: duckdb.DuckDBPyConnection,
    writers: Executor,
    batch: StagedBatch,
    judged: JudgedChunk,
    events: Deduplicated,
) -> None:
    """Writes the chunk's accepted, duplicate and rejected rows as the batch's next files.

    Args:
        connection: The landing's engine.
        writers: Where several files are written at a time.
        batch: What the batch has written so far; these files are added.
        judged: The chunk.
        events: Its events.
    """
    batch.chunks += 1
    name = batch.batch_id if batch.chunks == 1 else f"{batch.batch_id}-{batch.chunks}"
    day = instant_to_datetime(batch.received_at).date()
    duplicates = _duplicates(connection, batch, judged.chunk, events.duplicates)
    tables: list[tuple[str, pa.Table, list[StagedFile]]] = [
        (f"keys/ingest_date={day.isoformat()}", _keys(batch, events), batch.key_files),
        ("duplicates", duplicates, batch.duplicate_files),
        ("rejected", _rejected(batch, judged), batch.rejected_files),
    ]
    staged = [
        (f"landing/{folder}/{name}.parquet", table, files)
        for folder, table, files in tables
        if table.num_rows
    ]
    writing = [writers.submit(_write, batch.folder / path, table) for path, table, _ in staged]
    for event_day, table in _days(batch, events):
        path = f"landing/events/event_date={event_day.isoformat()}/{name}.parquet"
        writing.append(writers.submit(_write, batch.folder / path, table))
        batch.event_files.append(
            EventFile(path, event_day.isoformat(), table.num_rows, batch.promoted)
        )
    for path, table, files in staged:
        files.append(StagedFile(path, table.num_rows))
    for written in writing:
        written.result()


def _days(batch: StagedBatch, events: Deduplicated) -> Iterator[tuple[date, pa.Table]]:
    """The accepted events of each day (UTC), as their files hold them."""
    keys = events.accepted("event_type", "customer_id", "timestamp", "transaction_id")
    keys = _with_codes(keys, "event_type", "customer_id")
    days = keys["timestamp"].cast(pa.date32())
    order = _order(keys, days)
    # Codes are taken from `keys`, texts and maps in one go from where they were read.
    coded = keys.select(["event_type", "customer_id", "timestamp"]).take(order)
    promoted = {pair.column: f"p:{pair.property}" for pair in batch.promoted}
    wide = events.events.select(["transaction_id", "properties", *promoted.values()])
    wide = take_rows(wide, events.accepted_rows.take(order))
    of_batch = _of_batch(batch, len(order))
    table = pa.table(
        {
            "transaction_id": wide["transaction_id"],
            "customer_id": coded["customer_id"],
            "event_type": coded["event_type"],
            "timestamp": coded["timestamp"],
            "received_at": of_batch["received_at"],
            "batch_id": of_batch["batch_id"],
            **{column: wide[name] for column, name in promoted.items()},
            "properties": wide["properties"],
        }
    )
    start = 0
    # In order of the days, as the rows are.
    for count in sorted(pc.value_counts(days).to_pylist(), key=lambda count: count["values"]):
        yield count["values"], table.slice(start, count["counts"])
        start += count["counts"]


def _with_codes(table: pa.Table, *names: str) -> pa.Table:
    """The table with columns of few distinct texts as dictionaries, which are cheap to move."""
    for name in names:
        coded = table[name].combine_chunks().dictionary_encode()
        table = table.set_column(table.schema.get_field_index(name), name, coded)
    return table


def _order(keys: pa.Table, days: pa.ChunkedArray) -> pa.Array:
    """By day, event type, customer, time and transaction id."""
    ranked = pa.table(
        {
            "day": days,
            "event_type": _ranks(keys["event_type"]),
            "customer_id": _ranks(keys["customer_id"]),
            "timestamp": keys["timestamp"].cast(pa.int64()),
            "transaction_id": keys["transaction_id"],
        }
    )
    return pc.sort_indices(ranked, sort_keys=[(name, "ascending") for name in ranked.column_names])


def _ranks(coded: pa.ChunkedArray) -> pa.Array:
    """Numbers in the order of the texts' bytes."""
    array = coded.combine_chunks()
    return pc.rank(array.dictionary, "ascending", tiebreaker="dense").take(array.indices)


def _of_batch(batch: StagedBatch, rows: int) -> dict[str, pa.Array]:
    """The batch's own values, for each row; held once."""
    received = pa.array([instant_to_datetime(batch.received_at)], pa.timestamp("us"))
    every_row = pa.repeat(pa.scalar(0, pa.int32()), rows)
    return {
        "batch_id": pa.DictionaryArray.from_arrays(every_row, pa.array([batch.batch_id])),
        "received_at": pa.DictionaryArray.from_arrays(every_row, received),
    }


def _keys(batch: StagedBatch, events: Deduplicated) -> pa.Table:
    keys = events.accepted("transaction_key", "content_key")
    columns = {name: keys[name] for name in keys.column_names}
    return pa.table({**columns, **_of_batch(batch, keys.num_rows)})


def _duplicates(
    connection: duckdb.DuckDBPyConnection, batch: StagedBatch, chunk: Chunk, duplicates: pa.Table
) -> pa.Table:
    copied = ("transaction_id", "customer_id", "event_type", "timestamp")
    found = ("is_conflicting", "first_received_at", "first_batch_id")
    return pa.table(
        {
            **_of_batch(batch, duplicates.num_rows),
            **_places(chunk, duplicates),
            **{name: duplicates[name] for name in copied},
            "properties": _as_json(connection, batch, duplicates),
            **{name: duplicates[name] for name in found},
        }
    )


def _as_json(
    connection: duckdb.DuckDBPyConnection, batch: StagedBatch, duplicates: pa.Table
) -> pa.ChunkedArray:
    # Numbered, since DuckDB would take the columns of `model` and `Model` for one.
    columns = {f"p{n}": duplicates[f"p:{p.property}"] for n, p in enumerate(batch.promoted)}
    entries = ", ".join(
        f"{{'key': {quote(pair.property)}, 'value': p{number}}}"
        for number, pair in enumerate(batch.promoted)
    )
    named = {name: duplicates[name] for name in ("position", "properties")}
    connection.register("duplicate_events", pa.table({**named, **columns}))
    try:
        promoted = f"[{entries}]" if entries else _NO_ENTRIES
        return fetch(connection, _ALL_PROPERTIES.format(promoted=promoted))["properties"]
    finally:
        connection.unregister("duplicate_events")


def _rejected(batch: StagedBatch, judged: JudgedChunk) -> pa.Table:
    rejects = judged.rejects
    kept = ("reason", "detail", "raw", "raw_bytes")
    return pa.table(
        {
            **_of_batch(batch, rejects.num_rows),
            **_places(judged.chunk, rejects),
            **{name: rejects[name] for name in kept},
        }
    )


def _places(chunk: Chunk, rows: pa.Table) -> dict[str, pa.Array]:
    sources, numbers = chunk.places(rows["position"].to_pylist())
    return {
        "source_file": pa.array(sources, pa.string()),
        "line_number": pa.array(numbers, pa.int64()),
    }


def _write(path: Path, table: pa.Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    repeating = [name for name in table.column_names if name in _REPEATING or name.startswith("p_")]
    pq.write_table(
        table,
        path,
        compression="zstd",
        row_group_size=_ROW_GROUP_ROWS,
        use_dictionary=repeating,
        store_schema=False,
    )
