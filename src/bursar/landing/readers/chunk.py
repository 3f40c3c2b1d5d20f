"""The shape that every reader yields.

Owns the chunk: some hundred thousand lines, perhaps of several files, that the landing takes in one
go. It leaves reading to the format's module and judging to ``bursar.landing.judging``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

CHUNK_BYTES_MAX = 128 * 1024 * 1024
CHUNK_LINES_MAX = 500_000

SCHEMA = pa.schema(
    [
        ("position", pa.int64()),  # 0, 1, ... within the chunk, in the order received
        ("source_file", pa.string()),
        ("line_number", pa.int64()),  # 1-based, blank lines counted
        ("raw", pa.large_binary()),  # the event as a line of JSON, without its break
        ("received", pa.large_binary()),  # what was received, where that is something else
    ]
)


@dataclass(frozen=True)
class Chunk:
    """A bounded number of lines.

    Args:
        lines: A table of `SCHEMA`; blank lines are not in it.
        cut: For a line too long to keep whole: its position, and its whole length in bytes.
        refused: For a line of which a reader can make no JSON: its position, and why.
        source_lines: How many lines of each source are in this chunk.
    """

    lines: pa.Table
    cut: Mapping[int, int] = field(default_factory=dict)
    refused: Mapping[int, str] = field(default_factory=dict)
    source_lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def bytes_received(self) -> int:
        """How much was received, decompressed; near enough to tell of progress."""
        raw, received = self.lines["raw"].nbytes, self.lines["received"].nbytes
        return int(max(raw, received))


class ChunkBuilder:
    """Collects lines until a chunk is full, as Arrow arrays at once, which take less memory."""

    def __init__(self) -> None:
        self._empty()

    def _empty(self) -> None:
        self._sources: list[pa.Array] = []
        self._numbers: list[pa.Array] = []
        self._lines: list[pa.Array] = []
        self._received: list[pa.Array] = []
        self._cut: dict[int, int] = {}
        self._refused: dict[int, str] = {}
        self._source_lines: Counter[str] = Counter()
        self._line_count = 0
        self._bytes = 0

    @property
    def is_full(self) -> bool:
        """Whether the chunk has reached its bounds."""
        return self._bytes >= CHUNK_BYTES_MAX or self._line_count >= CHUNK_LINES_MAX

    def add(
        self,
        source: str,
        numbers: Sequence[int],
        lines: Sequence[bytes],
        received: Sequence[bytes] | None = None,
    ) -> None:
        """Appends lines of one source, with their numbers in it.

        Args:
            source: The source's name.
            numbers: Where each stands in it.
            lines: Events as lines of JSON.
            received: What was received, if that is something else.
        """
        array = pa.array(lines, pa.large_binary())
        kind = pa.large_binary()
        as_received = pa.array(received, kind) if received else pa.nulls(len(lines), kind)
        self._sources.append(pa.repeat(pa.scalar(source, pa.string()), len(lines)))
        self._numbers.append(pa.array(numbers, pa.int64()))
        self._lines.append(array)
        self._received.append(as_received)
        self._source_lines[source] += len(lines)
        self._line_count += len(lines)
        self._bytes += array.nbytes + (as_received.nbytes if received else 0)

    def add_cut(self, source: str, number: int, beginning: bytes, bytes_whole: int) -> None:
        """Appends the beginning of a line that is too long to keep."""
        self._cut[self._line_count] = bytes_whole
        self.add(source, [number], [beginning])

    def add_refused(self, source: str, number: int, received: bytes, detail: str) -> None:
        """Appends a line of which no JSON can be made."""
        self._refused[self._line_count] = detail
        self.add(source, [number], [received])

    def take(self) -> Chunk:
        """The lines so far; the builder is empty again."""
        columns = (self._sources, self._numbers, self._lines, self._received)
        positions = pa.array(range(self._line_count), pa.int64())
        typed = zip(columns, SCHEMA.types[1:], strict=True)
        table = pa.table(
            [positions, *(pa.chunked_array(arrays, kind) for arrays, kind in typed)], schema=SCHEMA
        )
        chunk = Chunk(table, self._cut, self._refused, self._source_lines)
        self._empty()
        return chunk
