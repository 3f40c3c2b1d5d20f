"""A chunk of lines to typed events and rejects: every line of the chunk becomes exactly one.

Common lines go the fast way (``bursar.landing.scanner``), the rest the exact way
(``bursar.landing.lines``). It leaves duplicates to ``bursar.landing.deduplication``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from bursar.landing.events import TypeAndNames
from bursar.landing.lines import LINE_BYTES_MAX, Bounds, Event, Reason, Rejection, judge_line
from bursar.landing.readers.chunk import Block, Chunk
from bursar.landing.scanner.collecting import event_collector

_Reject = tuple[int, str, str, str, bytes | None]

_REJECT_SCHEMA = pa.schema(
    [
        ("position", pa.int64()),
        ("reason", pa.string()),
        ("detail", pa.string()),
        ("raw", pa.string()),  # bytes that are not UTF-8 shown as \xNN
        ("raw_bytes", pa.binary()),  # the line itself, where it is not UTF-8
    ]
)


@dataclass(frozen=True)
class JudgedChunk:
    """What a chunk's lines are.

    Args:
        chunk: The lines.
        events: A table of `bursar.landing.events.events_schema`, in no order.
        rejects: The other lines, in order of position; `position`, `reason`, `detail`, `raw`,
            `raw_bytes`.
        shapes: Event types with their property names; the events' `shape` is a place in it.
    """

    chunk: Chunk
    events: pa.Table
    rejects: pa.Table
    shapes: Sequence[TypeAndNames]


def judge_chunk(chunk: Chunk, promoted: Sequence[str], bounds: Bounds) -> JudgedChunk:
    """Decides every line of the chunk.

    Args:
        chunk: The lines.
        promoted: The properties that get a column of their own, sorted.
        bounds: The instants that the batch takes events from.
    """
    collector = event_collector(promoted)
    rejects: list[_Reject] = []
    for block, start in zip(chunk.blocks, chunk.starts, strict=False):
        if finding := _refused(block):
            rejects.append(_reject(block, 0, start, finding))
            continue
        for index in collector.scan(block, start, bounds):
            outcome = judge_line(block.line(index), bounds)
            if isinstance(outcome, Event):
                collector.add(start + index, outcome)
            else:
                rejects.append(_reject(block, index, start, outcome))
    events, shapes = collector.take()
    return JudgedChunk(chunk, events, _table(rejects), shapes)


def _refused(block: Block) -> Rejection | None:
    """What a reader has found already."""
    if block.bytes_whole is not None:
        return _cut(block.bytes_whole)
    return None if block.refused is None else Rejection(Reason.MALFORMED, block.refused)


def _cut(bytes_whole: int) -> Rejection:
    return Rejection(
        Reason.TOO_LONG,
        f"the line has {bytes_whole:,} bytes, {LINE_BYTES_MAX:,} at most; that many are kept",
    )


def _reject(block: Block, index: int, start: int, finding: Rejection) -> _Reject:
    line = block.as_received(index)
    try:
        kept: tuple[str, bytes | None] = line.decode("utf-8"), None
    except UnicodeDecodeError:
        kept = line.decode("utf-8", "backslashreplace"), line
    return start + index, finding.reason.value, finding.detail, *kept


def _table(rejects: Sequence[_Reject]) -> pa.Table:
    columns = list(zip(*rejects, strict=True)) or [()] * len(_REJECT_SCHEMA)
    arrays = [
        pa.array(values, column.type)
        for values, column in zip(columns, _REJECT_SCHEMA, strict=True)
    ]
    return pa.table(arrays, schema=_REJECT_SCHEMA)
