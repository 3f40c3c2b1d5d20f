"""Judged events as an Arrow table, between reading and writing.

Owns the table's columns and the two keys of an event. The content key says whether two events with
one transaction id are the same: lengths keep neighbours apart, and properties are sorted, so that
their order in the line does not matter. `columns.h` makes the same keys.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pyarrow as pa

from bursar.landing.lines import Event

# An event type, and the names of an event's properties.
TypeAndNames = tuple[str, tuple[str, ...]]

PROPERTIES = pa.map_(pa.string(), pa.string())


def events_schema(promoted: Sequence[str]) -> pa.Schema:
    """The columns of judged events.

    Args:
        promoted: The properties that get a column of their own, here ``p:<property>``; they are not
            among `properties` any more.
    """
    return pa.schema(
        [
            ("position", pa.int64()),  # of the line in the chunk
            ("transaction_id", pa.string()),
            ("customer_id", pa.string()),  # as sent
            ("event_type", pa.string()),
            ("timestamp", pa.timestamp("us")),  # in UTC
            ("shape", pa.int32()),  # which list of property names it has
            *((f"p:{name}", pa.string()) for name in promoted),
            ("properties", PROPERTIES),  # sorted by name
            ("transaction_key", pa.uuid()),
            ("content_key", pa.uuid()),
        ]
    )


def uuids(digests: pa.Buffer) -> pa.Array:
    """Digests of 16 bytes each, one after another, as an array of UUIDs."""
    kind = pa.binary(16)
    storage = pa.Array.from_buffers(kind, digests.size // 16, [None, digests])
    return pa.ExtensionArray.from_storage(pa.uuid(), storage)


def events_table(
    positions: Sequence[int], events: Sequence[Event], promoted: Sequence[str]
) -> tuple[pa.Table, Sequence[TypeAndNames]]:
    """Events that were decided one by one, as a table of `events_schema`, and its shapes."""
    shapes: dict[TypeAndNames, int] = {}
    numbers = [
        shapes.setdefault(
            (event.event_type, tuple(key for key, _ in event.properties)), len(shapes)
        )
        for event in events
    ]
    properties = [dict(sorted(event.properties, key=_by_bytes)) for event in events]
    columns: list[list[str | None]] = [
        [members.pop(name, None) for members in properties] for name in promoted
    ]
    arrays = [
        pa.array(positions, pa.int64()),
        *(
            pa.array([getattr(event, name) for event in events], pa.string())
            for name in ("transaction_id", "customer_id", "event_type")
        ),
        pa.array([event.timestamp for event in events], pa.timestamp("us")),
        pa.array(numbers, pa.int32()),
        *(pa.array(column, pa.string()) for column in columns),
        pa.array([list(members.items()) for members in properties], PROPERTIES),
        uuids(pa.py_buffer(b"".join(_transaction_key(event) for event in events))),
        uuids(pa.py_buffer(b"".join(_content_key(event) for event in events))),
    ]
    return pa.table(arrays, schema=events_schema(promoted)), list(shapes)


def _by_bytes(member: tuple[str, str]) -> bytes:
    return member[0].encode()


def _digest(text: bytes) -> bytes:
    return hashlib.md5(text, usedforsecurity=False).digest()


def _transaction_key(event: Event) -> bytes:
    return _digest(event.transaction_id.encode())


def _content_key(event: Event) -> bytes:
    parts = [_measured(event.customer_id), _measured(event.event_type), b"%d:" % event.timestamp]
    for key, value in sorted(event.properties, key=_by_bytes):
        parts += (_measured(key), _measured(value))
    return _digest(b"".join(parts))


def _measured(text: str) -> bytes:
    encoded = text.encode()
    return b"%d:%s" % (len(encoded), encoded)
