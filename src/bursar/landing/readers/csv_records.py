"""CSV (RFC 4180) to chunks.

Owns what a record is: cells between commas, quoted where they hold a comma, a quote or a line
break; the first record names the columns. A blank cell of a property is an absent property. A
record that cannot be read is one bad line, kept as received; a quote that is never closed spoils no
more than the longest cell.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence

from bursar.errors import BursarError
from bursar.landing.readers.chunk import Chunk, ChunkBuilder
from bursar.landing.readers.columns import EventColumns, event_columns, json_string
from bursar.landing.readers.ndjson import LongLine, physical_lines
from bursar.landing.readers.sources import Source, open_source

CELL_CHARACTERS_MAX = 1024 * 1024
_RECORDS_AT_ONCE = 5_000
_BLANK = b" \t\r\n"


def read_csv(sources: Sequence[Source]) -> Iterator[Chunk]:
    """Chunks of all sources' records, in order; a chunk may span sources.

    Raises:
        BursarError: A source cannot be read to its end, or its first record names no columns.
    """
    csv.field_size_limit(CELL_CHARACTERS_MAX)
    builder = ChunkBuilder()
    for source in sources:
        with open_source(source) as stream:
            records = _Records(physical_lines(stream))
            header = next(iter(records), None)
            if header is None:
                continue
            if header.cells is None:
                raise _no_header(source.name, header.problem)
            columns = event_columns(source.name, header.cells)
            some = _Some(builder, source.name)
            for record in records:
                some.add(record, columns)
                if builder.is_full:
                    yield builder.take()
            some.flush()
    last = builder.take()
    if len(last):
        yield last


def _no_header(name: str, problem: str) -> BursarError:
    return BursarError(
        f"The first record of {name}, which names the columns, cannot be read: {problem}. "
        "Nothing of this batch was landed.",
        remedy="Save it as CSV in UTF-8, with commas between the cells.",
    )


class _Record:
    """One record: its cells or, if it has none that can be read, why."""

    __slots__ = ("bytes_cut", "cells", "number", "problem", "received")

    def __init__(self, number: int, received: bytes, bytes_cut: int) -> None:
        self.number = number
        self.received = received
        self.bytes_cut = bytes_cut
        self.cells: list[str] | None = None
        self.problem = ""


class _Records:
    """The records of physical lines; blank lines between them are none."""

    def __init__(self, lines: Iterator[bytes | LongLine]) -> None:
        self._lines = lines
        self._number = 0
        self._taken: list[bytes] = []
        self._bytes_cut = 0
        self._reader = csv.reader(self._texts(), strict=True)

    def _texts(self) -> Iterator[str]:
        for line in self._lines:
            self._number += 1
            if isinstance(line, LongLine):
                self._bytes_cut = line.bytes_whole
                line = line.beginning
            self._taken.append(line)
            yield line.decode("utf-8", "surrogateescape") + "\n"

    def __iter__(self) -> Iterator[_Record]:
        while True:
            self._taken, self._bytes_cut = [], 0
            first = self._number + 1
            cells: list[str] | None = None
            problem = ""
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                problem = f"not CSV: {error}"
            received = b"\n".join(self._taken).removesuffix(b"\r")
            if not received.strip(_BLANK):
                continue
            record = _Record(first, received, self._bytes_cut)
            record.problem = problem or _not_utf8(received)
            record.cells = None if record.problem else cells
            yield record


def _not_utf8(received: bytes) -> str:
    try:
        received.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"not UTF-8 at byte {error.start + 1}"
    return ""


class _Some:
    """Good records of one source on their way to the builder, some thousand at a time."""

    def __init__(self, builder: ChunkBuilder, source: str) -> None:
        self._builder = builder
        self._source = source
        self._numbers: list[int] = []
        self._lines: list[bytes] = []
        self._received: list[bytes] = []

    def add(self, record: _Record, columns: EventColumns) -> None:
        if record.cells is not None and len(record.cells) != columns.count:
            record.problem = f"{len(record.cells)} cells, and the file has {columns.count} columns"
        if record.bytes_cut or record.problem:
            self.flush()
            self._refuse(record)
            return
        self._numbers.append(record.number)
        self._lines.append(columns.line(_json_texts(record.cells or [], columns)).encode())
        self._received.append(record.received)
        if len(self._lines) == _RECORDS_AT_ONCE:
            self.flush()

    def _refuse(self, record: _Record) -> None:
        if record.bytes_cut:
            self._builder.add_cut(self._source, record.number, record.received, record.bytes_cut)
        else:
            self._builder.add_refused(self._source, record.number, record.received, record.problem)

    def flush(self) -> None:
        self._builder.add(self._source, self._numbers, self._lines, self._received)
        self._numbers, self._lines, self._received = [], [], []


def _json_texts(cells: Sequence[str], columns: EventColumns) -> list[str | None]:
    texts: list[str | None] = [json_string(cell) if cell else None for cell in cells]
    if columns.properties is not None:
        texts[columns.properties] = cells[columns.properties]
    return texts
