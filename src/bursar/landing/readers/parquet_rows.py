"""Parquet to chunks.

Owns how a typed value becomes text: every digit of an integer or decimal, the shortest text that
means the same floating-point number, RFC 3339 for an instant with a zone. A row is kept, if it is
rejected, as the JSON line that says the same; its number is its place in the file, from 1.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bursar.errors import BursarError
from bursar.landing.readers.chunk import Chunk, ChunkBuilder
from bursar.landing.readers.columns import PROPERTIES, EventColumns, event_columns, json_string
from bursar.landing.readers.sources import Source, open_source

_ROWS_AT_ONCE = 10_000


def read_parquet(sources: Sequence[Source]) -> Iterator[Chunk]:
    """Chunks of all sources' rows, in order; a chunk may span sources.

    Raises:
        BursarError: A source cannot be read to its end or is not Parquet.
    """
    builder = ChunkBuilder()
    for source in sources:
        with _seekable(source) as stream:
            number = 1
            for lines in _lines(source.name, stream):
                builder.add(source.name, range(number, number + len(lines)), lines)
                number += len(lines)
                if builder.is_full:
                    yield builder.take()
    last = builder.take()
    if len(last):
        yield last


@contextmanager
def _seekable(source: Source) -> Iterator[BinaryIO]:
    """Parquet is read from its end: a stream or a compressed file is written aside first."""
    with open_source(source) as stream:
        if source.path is not None and isinstance(stream, io.BufferedReader):
            yield stream
            return
        with tempfile.TemporaryFile() as aside:
            shutil.copyfileobj(stream, aside)
            aside.seek(0)
            yield cast(BinaryIO, aside)


def _lines(name: str, stream: BinaryIO) -> Iterator[list[bytes]]:
    try:
        file = pq.ParquetFile(stream)
        columns = event_columns(name, file.schema_arrow.names)
        for batch in file.iter_batches(_ROWS_AT_ONCE):
            yield _batch_lines(batch, columns)
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        why = " ".join(str(error).split()).rstrip(".")
        raise BursarError(
            f"{name} cannot be read as Parquet: {why}. Nothing of this batch was landed.",
            remedy="Mend or leave out that file and land again.",
        ) from error


def _batch_lines(batch: pa.RecordBatch, columns: EventColumns) -> list[bytes]:
    texts = [
        _whole_properties(array) if name == PROPERTIES else _json_texts(array)
        for name, array in zip(batch.schema.names, batch.columns, strict=True)
    ]
    return [
        columns.line(row).encode("utf-8", "surrogateescape") for row in zip(*texts, strict=True)
    ]


def _whole_properties(array: pa.Array) -> list[str | None]:
    """A column `properties`: text is JSON already, a map or struct is written as an object."""
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        return cast(list[str | None], array.to_pylist())
    return _json_texts(array)


def _json_texts(array: pa.Array) -> list[str | None]:
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    array = _instants_as_text(array)
    if pa.types.is_float16(array.type) or pa.types.is_float32(array.type):
        array = pc.cast(array, pa.string())  # their own shortest text, not that of a double
        return [_finite(text) for text in array.to_pylist()]
    write = _writer(array.type)
    return [None if value is None else write(value) for value in array.to_pylist()]


def _finite(text: str | None) -> str | None:
    """JSON has no text for what is no number: such a row is refused for it."""
    return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(text, text) if text else None


def _instants_as_text(array: pa.Array) -> pa.Array:
    """RFC 3339; without a zone where the column has none. Nanoseconds are cut off."""
    if not pa.types.is_timestamp(array.type):
        return array
    zone = "UTC" if array.type.tz else None
    finest = array.cast(pa.timestamp(array.type.unit, zone))
    if array.type.unit == "ns":
        finest = pc.floor_temporal(finest, unit="microsecond")
    text = pc.cast(finest.cast(pa.timestamp("us", zone)), pa.string())
    return pc.replace_substring(text, " ", "T")


def _writer(kind: pa.DataType) -> Callable[[Any], str]:
    """How a value of the type is written as JSON; values in lists, maps and structs likewise."""
    if pa.types.is_boolean(kind):
        return lambda value: "true" if value else "false"
    if pa.types.is_integer(kind):
        return str
    if pa.types.is_decimal(kind):
        return lambda value: format(value, "f")
    if pa.types.is_floating(kind):
        return lambda value: str(_finite(repr(value).removesuffix(".0")))
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return lambda value: str(json_string(value.decode("utf-8", "surrogateescape")))
    if pa.types.is_map(kind):
        return _object_writer(_writer(kind.item_type))
    if pa.types.is_struct(kind):
        writers = {field.name: _writer(field.type) for field in kind}
        return lambda value: _object(
            (name, writers[name](item)) for name, item in value.items() if item is not None
        )
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        write = _writer(kind.value_type)
        return lambda value: (
            "[" + ",".join("null" if item is None else write(item) for item in value) + "]"
        )
    return lambda value: str(json_string(str(value)))


def _object_writer(write: Callable[[Any], str]) -> Callable[[Any], str]:
    return lambda value: _object((str(key), write(item)) for key, item in value if item is not None)


def _object(members: Iterator[tuple[str, str]]) -> str:
    return "{" + ",".join(f"{json_string(name)}:{text}" for name, text in members) + "}"
