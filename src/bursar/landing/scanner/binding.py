"""The compiled library's functions and structures, as ctypes sees them.

Owns the mirror of what the C files declare, and the buffers that keep C's memory alive as long as
Arrow reads it. Where nothing was built (no C compiler at installation) there is no library, and
every line is read the exact way, some ten times slower.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any

import pyarrow as pa

LIBRARY = Path(__file__).with_name("_scan.so")


class Vector(ctypes.Structure):
    """Bytes that C has allocated."""

    _fields_ = (
        ("data", ctypes.c_void_p),
        ("length", ctypes.c_int64),
        ("capacity", ctypes.c_int64),
    )


class Texts(ctypes.Structure):
    """Texts one after another, and where each ends."""

    _fields_ = (("offsets", Vector), ("bytes", Vector))


class Maps(ctypes.Structure):
    """Maps of texts to texts one after another, and where each ends."""

    _fields_ = (("offsets", Vector), ("keys", Texts), ("values", Texts))


class OptionalTexts(ctypes.Structure):
    """Texts of which some are absent: a bit each."""

    _fields_ = (("texts", Texts), ("bits", Vector))


class Lines(ctypes.Structure):
    """The lines of a block."""

    _fields_ = (("spans", Vector), ("numbers", Vector), ("line_count", ctypes.c_int64))


class Columns(ctypes.Structure):
    """The columns of a chunk's events; what C alone needs follows after these."""

    _fields_ = (
        ("positions", Vector),
        ("transaction_ids", Texts),
        ("customer_ids", Texts),
        ("event_types", Texts),
        ("timestamps", Vector),
        ("property_offsets", Vector),
        ("keys", Texts),
        ("values", Texts),
        ("transaction_keys", Vector),
        ("content_keys", Vector),
        ("shapes", Vector),
        ("shape_rows", Vector),
        ("promoted_count", ctypes.c_int64),
        ("promoted", ctypes.POINTER(OptionalTexts)),
    )


_TEXT, _ADDRESS, _COUNT = ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int64
_FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "bursar_lines_new": (ctypes.POINTER(Lines), ()),
    "bursar_lines_free": (None, (ctypes.POINTER(Lines),)),
    "bursar_split": (_COUNT, (_TEXT, _COUNT, ctypes.POINTER(Lines))),
    "bursar_columns_new": (ctypes.POINTER(Columns), (_TEXT, _ADDRESS, _COUNT)),
    "bursar_columns_free": (None, (ctypes.POINTER(Columns),)),
    "bursar_scan": (
        _COUNT,
        (ctypes.POINTER(Columns), _TEXT, _ADDRESS, _COUNT, _COUNT, _COUNT, _COUNT, _ADDRESS),
    ),
    "bursar_append": (
        ctypes.c_int,
        (ctypes.POINTER(Columns), _TEXT, _ADDRESS, _COUNT, _COUNT, _COUNT),
    ),
    "bursar_texts_new": (ctypes.POINTER(Texts), ()),
    "bursar_texts_free": (None, (ctypes.POINTER(Texts),)),
    "bursar_take_texts": (
        ctypes.c_int,
        (ctypes.POINTER(Texts), _ADDRESS, _ADDRESS, _ADDRESS, _COUNT),
    ),
    "bursar_maps_new": (ctypes.POINTER(Maps), ()),
    "bursar_maps_free": (None, (ctypes.POINTER(Maps),)),
    "bursar_take_maps": (ctypes.c_int, (ctypes.POINTER(Maps), *[_ADDRESS] * 6, _COUNT)),
}


@cache
def loaded_library() -> ctypes.CDLL | None:
    """The library, loaded once; none if it was not built."""
    if not LIBRARY.exists():
        return None
    loaded = ctypes.CDLL(str(LIBRARY))
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(loaded, name)
        function.restype, function.argtypes = result, arguments
    return loaded


class Owned:
    """A structure that C allocated, freed when nothing refers to it any more."""

    def __init__(self, pointer: Any, free: Any) -> None:
        if not pointer:
            raise MemoryError
        self.pointer = pointer
        self._free = free

    def __del__(self) -> None:
        self._free(self.pointer)

    def buffer(self, vector: Vector) -> pa.Buffer:
        """The vector's bytes, which keep this alive."""
        if not vector.length:
            return pa.py_buffer(b"")
        return pa.foreign_buffer(vector.data, vector.length, base=self)

    def integers(self, vector: Vector, kind: pa.DataType) -> pa.Array:
        """The vector as an array of fixed-width values."""
        width = kind.byte_width
        return pa.Array.from_buffers(kind, vector.length // width, [None, self.buffer(vector)])

    def texts(self, texts: Texts, bits: Vector | None = None) -> pa.Array:
        """Texts as an array; where bits are given, an unset one is a null."""
        count = texts.offsets.length // 4 - 1
        present = None if bits is None else self.buffer(bits)
        parts = [present, self.buffer(texts.offsets), self.buffer(texts.bytes)]
        return pa.Array.from_buffers(pa.string(), count, parts)

    def maps(self, offsets: Vector, keys: Texts, values: Texts) -> pa.Array:
        """Maps of texts to texts as an array."""
        ends = self.integers(offsets, pa.int32())
        return pa.MapArray.from_arrays(ends, self.texts(keys), self.texts(values))


def packed(texts: Sequence[str]) -> tuple[bytes, Any]:
    """Texts one after another, and an int64 array of where each ends, as C reads them."""
    encoded = [text.encode() for text in texts]
    return b"".join(encoded), (ctypes.c_int64 * len(encoded))(*accumulate(map(len, encoded)))


def address(array: pa.Array) -> int | None:
    """Where an array of int64 without nulls begins."""
    buffer = array.buffers()[1]
    return None if buffer is None else buffer.address + 8 * array.offset
