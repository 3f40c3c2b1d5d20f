"""A chunk of lines to typed events and rejects.

Owns the tables `judged_events` and `rejected_lines` of the landing's engine: every line of the
chunk is in exactly one. Common lines go the fast way (``bursar.landing.plain``), the rest the exact
way (``bursar.landing.lines``). It leaves duplicates to ``bursar.landing.deduplication``.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from bursar.landing.engine import load, run
from bursar.landing.lines import LINE_BYTES_MAX, Bounds, Event, Reason, Rejection, judge_line
from bursar.landing.plain import take_plain_events
from bursar.landing.readers.chunk import Chunk

# Python objects take ten times the line's memory: few at a time.
_EXACT_LINES_MAX = 20_000

_EVENT_SCHEMA = pa.schema(
    [
        ("position", pa.int64()),
        ("transaction_id", pa.string()),
        ("customer_id", pa.string()),
        ("event_type", pa.string()),
        ("timestamp", pa.timestamp("us")),
        ("property_keys", pa.list_(pa.string())),
        ("property_values", pa.list_(pa.string())),
    ]
)
_REJECT_SCHEMA = pa.schema(
    [
        ("position", pa.int64()),
        ("reason", pa.string()),
        ("detail", pa.string()),
        ("raw", pa.string()),  # bytes that are not UTF-8 shown as \xNN
        ("raw_bytes", pa.large_binary()),  # the line itself, where it is not UTF-8
    ]
)

# The content key says whether two events with one transaction id are the same. Lengths keep
# neighbours apart; properties are sorted, so their order in the line does not matter. Never
# DuckDB's hash(): it changes.
_JUDGED_EVENTS = """
create or replace temp table judged_events as
with united as (
    from plain_events
    union all by name
    from exact_events
),

ordered as (
    select
        * replace (
            list_sort(property_keys) as property_keys,
            list_select(property_values, list_grade_up(property_keys)) as property_values
        )
    from united
)

select
    *,
    md5(transaction_id)::uuid as transaction_key,
    md5(
        concat(
            strlen(customer_id), ':', customer_id, strlen(event_type), ':', event_type,
            epoch_us("timestamp"), ':',
            array_to_string(
                list_transform(
                    property_keys,
                    lambda key, place: concat(
                        strlen(key), ':', key,
                        strlen(property_values[place]), ':', property_values[place]
                    )
                ),
                ''
            )
        )
    )::uuid as content_key
from ordered
"""


def judge_chunk(connection: duckdb.DuckDBPyConnection, chunk: Chunk, bounds: Bounds) -> None:
    """Makes `judged_events`, `rejected_lines` and `chunk_lines`, which numbers the lines."""
    load(connection, "chunk_lines", chunk.lines.drop_columns(["raw", "received"]))
    load(connection, "utf8_lines", _utf8_lines(chunk))
    take_plain_events(connection, bounds)
    _take_exactly(connection, chunk, bounds)
    run(connection, _JUDGED_EVENTS)
    for name in ("utf8_lines", "plain_events", "exact_events"):
        run(connection, f"drop table {name}")


def _utf8_lines(chunk: Chunk) -> pa.Table:
    """The lines that are whole and UTF-8, as text."""
    raw = chunk.lines["raw"].combine_chunks()
    positions = chunk.lines["position"]
    try:
        lines = raw.cast(pa.large_string())
    except pa.ArrowInvalid:
        lines = pa.array([_decoded(value.as_py()) for value in raw], pa.large_string())
    table = pa.table({"position": positions, "line": lines})
    if unreadable := chunk.cut.keys() | chunk.refused.keys():
        is_whole = pa.array([position not in unreadable for position in range(table.num_rows)])
        table = table.filter(is_whole)
    return table.filter(table["line"].is_valid()) if lines.null_count else table


def _decoded(line: bytes) -> str | None:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _take_exactly(connection: duckdb.DuckDBPyConnection, chunk: Chunk, bounds: Bounds) -> None:
    """Makes `exact_events` and `rejected_lines` of the lines that `plain_events` lacks."""
    load(connection, "exact_events", _EVENT_SCHEMA.empty_table())
    load(connection, "rejected_lines", _REJECT_SCHEMA.empty_table())
    rest = run(
        connection,
        """
        select position
        from chunk_lines anti join plain_events using (position)
        order by position
        """,
    )
    positions = [row[0] for row in rest]
    for start in range(0, len(positions), _EXACT_LINES_MAX):
        events, rejects = _judged(chunk, positions[start : start + _EXACT_LINES_MAX], bounds)
        for name, table in (("exact_events", events), ("rejected_lines", rejects)):
            load(connection, "some_lines", table)
            run(connection, f"insert into {name} select * from some_lines")


def _judged(chunk: Chunk, positions: list[int], bounds: Bounds) -> tuple[pa.Table, pa.Table]:
    taken = chunk.lines.take(pa.array(positions, pa.int64()))
    lines, received = (taken[name].to_pylist() for name in ("raw", "received"))
    events: list[tuple[object, ...]] = []
    rejects: list[tuple[object, ...]] = []
    for position, line, other in zip(positions, lines, received, strict=True):
        if position in chunk.cut:
            outcome: Event | Rejection = _cut(chunk.cut[position])
        elif position in chunk.refused:
            outcome = Rejection(Reason.MALFORMED, chunk.refused[position])
        else:
            outcome = judge_line(line, bounds)
        if isinstance(outcome, Event):
            texts = (outcome.transaction_id, outcome.customer_id, outcome.event_type)
            keys = [key for key, _ in outcome.properties]
            values = [value for _, value in outcome.properties]
            events.append((position, *texts, outcome.timestamp, keys, values))
        else:
            rejects.append((position, outcome.reason.value, outcome.detail, *_kept(other or line)))
    return _table(events, _EVENT_SCHEMA), _table(rejects, _REJECT_SCHEMA)


def _cut(bytes_whole: int) -> Rejection:
    return Rejection(
        Reason.TOO_LONG,
        f"the line has {bytes_whole:,} bytes, {LINE_BYTES_MAX:,} at most; that many are kept",
    )


def _kept(line: bytes) -> tuple[str, bytes | None]:
    text = _decoded(line)
    return (text, None) if text is not None else (line.decode("utf-8", "backslashreplace"), line)


def _table(rows: list[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(values, column.type) for values, column in zip(columns, schema, strict=True)]
    return pa.table(arrays, schema=schema)
