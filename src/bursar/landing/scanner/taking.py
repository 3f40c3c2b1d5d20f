"""Rows of a table in another order.

Arrow can do it too, but takes three times as long over texts and maps, which is a good part of a
landing's time. What has a null or was not made here is left to it.
"""

from __future__ import annotations

import ctypes

import pyarrow as pa

from bursar.landing.scanner.binding import Owned, address, loaded_library


def take_rows(table: pa.Table, rows: pa.Array) -> pa.Table:
    """The rows with these int64 numbers, in their order; none of the numbers is missing."""
    return pa.table([_taken(column, rows) for column in table.columns], schema=table.schema)


def _taken(column: pa.ChunkedArray, rows: pa.Array) -> pa.Array | pa.ChunkedArray:
    loaded = loaded_library()
    if loaded is None or column.num_chunks != 1 or column.null_count or not len(column):
        return column.take(rows)
    array = column.chunk(0)
    if pa.types.is_string(array.type) and not array.offset:
        return _texts(loaded, array, rows)
    if pa.types.is_map(array.type) and not array.offset:
        return _maps(loaded, array, rows)
    return column.take(rows)


def _texts(loaded: ctypes.CDLL, array: pa.Array, rows: pa.Array) -> pa.Array:
    taken = Owned(loaded.bursar_texts_new(), loaded.bursar_texts_free)
    _, offsets, texts = _addresses(array)
    if loaded.bursar_take_texts(taken.pointer, offsets, texts, address(rows), len(rows)):
        raise MemoryError
    return taken.texts(taken.pointer.contents)


def _maps(loaded: ctypes.CDLL, array: pa.Array, rows: pa.Array) -> pa.Array:
    taken = Owned(loaded.bursar_maps_new(), loaded.bursar_maps_free)
    # Of the maps, validity and offsets; of the entries, validity; then their keys and values.
    _, offsets, _, _, *keys, _, value_offsets, values = _addresses(array)
    if loaded.bursar_take_maps(
        taken.pointer, offsets, *keys, value_offsets, values, address(rows), len(rows)
    ):
        raise MemoryError
    maps = taken.pointer.contents
    return taken.maps(maps.offsets, maps.keys, maps.values)


def _addresses(array: pa.Array) -> list[int | None]:
    return [None if buffer is None else buffer.address for buffer in array.buffers()]
