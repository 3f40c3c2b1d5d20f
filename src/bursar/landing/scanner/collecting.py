"""The events of a chunk, collected into one Arrow table.

Owns the two ways to do it: in C, which also decodes the plain lines of a block by itself, and in
Python, which leaves every line to the caller. C only ever says yes, and says the same as
``bursar.landing.lines``, which decides the lines that are left over.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Protocol

import pyarrow as pa

from bursar.landing.events import TypeAndNames, events_schema, events_table, uuids
from bursar.landing.lines import Bounds, Event
from bursar.landing.readers.chunk import Block
from bursar.landing.scanner.binding import Owned, address, loaded_library, packed


class EventCollector(Protocol):
    """Collects events; `shapes` are the distinct event types with their property names."""

    def scan(self, block: Block, start: int, bounds: Bounds) -> Sequence[int]:
        """Takes what it can of a block, whose first line has the position `start`.

        Returns:
            The lines that are not decided.
        """

    def add(self, position: int, event: Event) -> None:
        """Takes an event that was decided elsewhere."""

    def take(self) -> tuple[pa.Table, Sequence[TypeAndNames]]:
        """The events as a table of `events_schema`, and the shapes that it refers to."""


def event_collector(promoted: Sequence[str]) -> EventCollector:
    """An empty collector, in C if it was built.

    Args:
        promoted: The properties that get a column of their own, sorted.
    """
    loaded = loaded_library()
    return PythonCollector(promoted) if loaded is None else CompiledCollector(promoted, loaded)


class CompiledCollector:
    """Collects in C."""

    def __init__(self, promoted: Sequence[str], loaded: ctypes.CDLL) -> None:
        self._promoted = promoted
        self._library = loaded
        names, ends = packed(promoted)
        self._columns = Owned(
            self._library.bursar_columns_new(names, ends, len(promoted)),
            self._library.bursar_columns_free,
        )

    def scan(self, block: Block, start: int, bounds: Bounds) -> Sequence[int]:
        """Decodes the block's plain lines."""
        left_over = (ctypes.c_int64 * len(block))()
        count = self._library.bursar_scan(
            self._columns.pointer,
            block.text,
            address(block.spans),
            len(block),
            start,
            bounds.earliest,
            bounds.latest,
            left_over,
        )
        if count < 0:
            raise MemoryError
        return left_over[:count]

    def add(self, position: int, event: Event) -> None:
        """Hands the event's texts over."""
        members = [text for member in event.properties for text in member]
        texts, ends = packed([event.transaction_id, event.customer_id, event.event_type, *members])
        count = len(event.properties)
        if self._library.bursar_append(
            self._columns.pointer, texts, ends, count, event.timestamp, position
        ):
            raise MemoryError

    def take(self) -> tuple[pa.Table, Sequence[TypeAndNames]]:
        """C's memory as Arrow's, without a copy."""
        columns = self._columns
        found = columns.pointer.contents
        arrays = [
            columns.integers(found.positions, pa.int64()),
            columns.texts(found.transaction_ids),
            columns.texts(found.customer_ids),
            columns.texts(found.event_types),
            columns.integers(found.timestamps, pa.timestamp("us")),
            columns.integers(found.shapes, pa.int32()),
            *(
                columns.texts(found.promoted[place].texts, found.promoted[place].bits)
                for place in range(len(self._promoted))
            ),
            columns.maps(found.property_offsets, found.keys, found.values),
            uuids(columns.buffer(found.transaction_keys)),
            uuids(columns.buffer(found.content_keys)),
        ]
        events = pa.table(arrays, schema=events_schema(self._promoted))
        representatives = events.take(columns.integers(found.shape_rows, pa.int64()))
        return events, _shapes(representatives, self._promoted)


def _shapes(events: pa.Table, promoted: Sequence[str]) -> Sequence[TypeAndNames]:
    shapes = []
    for event in events.to_pylist():
        names = [name for name, _ in event["properties"]]
        names += [name for name in promoted if event[f"p:{name}"] is not None]
        shapes.append((event["event_type"], tuple(names)))
    return shapes


class PythonCollector:
    """Collects in lists, a line at a time."""

    def __init__(self, promoted: Sequence[str]) -> None:
        self._promoted = promoted
        self._positions: list[int] = []
        self._events: list[Event] = []

    def scan(self, block: Block, start: int, bounds: Bounds) -> Sequence[int]:
        """Decodes nothing."""
        del start, bounds
        return range(len(block))

    def add(self, position: int, event: Event) -> None:
        """Keeps the event."""
        self._positions.append(position)
        self._events.append(event)

    def take(self) -> tuple[pa.Table, Sequence[TypeAndNames]]:
        """The lists as a table."""
        return events_table(self._positions, self._events, self._promoted)
