"""The shape that every reader yields.

Owns the block, some thousand lines of one source and where they lie in its bytes, and the chunk:
blocks of some hundred thousand lines, perhaps of several files, that the landing takes in one go.
It leaves reading to the format's module and judging to ``bursar.landing.judging``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import cast

import pyarrow as pa

CHUNK_BYTES_MAX = 128 * 1024 * 1024
CHUNK_LINES_MAX = 500_000


@dataclass(frozen=True)
class Block:
    """Lines of one source, blank ones left out.

    Args:
        source: The source's name.
        text: The bytes that the lines lie in.
        spans: For each line two int64: where it begins in the text and where it ends, without its
            break. A line is an event as JSON.
        numbers: int64, where each stands in the source: 1-based, blank lines counted.
        received: What was received, where that is something else than the line.
        bytes_whole: For a line that is too long to keep whole, and so the only one: its length.
        refused: For a text of which a reader can make no JSON, and so the only one: why.
    """

    source: str
    text: bytes
    spans: pa.Array
    numbers: pa.Array
    received: Sequence[bytes] | None = None
    bytes_whole: int | None = None
    refused: str | None = None

    def __len__(self) -> int:
        return len(self.numbers)

    def line(self, index: int) -> bytes:
        """A line's bytes."""
        return self.text[self.spans[2 * index].as_py() : self.spans[2 * index + 1].as_py()]

    def as_received(self, index: int) -> bytes:
        """What a line was in the source."""
        return self.line(index) if self.received is None else self.received[index]


@dataclass(frozen=True)
class Chunk:
    """A bounded number of lines, numbered 0, 1, ... in the order received: their positions."""

    blocks: Sequence[Block]
    starts: Sequence[int] = field(init=False)

    def __post_init__(self) -> None:
        starts = accumulate((len(block) for block in self.blocks), initial=0)
        object.__setattr__(self, "starts", list(starts))

    def __len__(self) -> int:
        return self.starts[-1]

    @property
    def bytes_received(self) -> int:
        """How much was received, decompressed; near enough to tell of progress."""
        return sum(len(block.text) for block in self.blocks)

    @property
    def source_lines(self) -> Counter[str]:
        """How many lines of each source are in this chunk."""
        counter: Counter[str] = Counter()
        for block in self.blocks:
            counter[block.source] += len(block)
        return counter

    def places(self, positions: Sequence[int]) -> tuple[list[str], list[int]]:
        """The source and the line number of each position."""
        sources, numbers = [], []
        for position in positions:
            place = bisect_right(self.starts, position) - 1
            block = self.blocks[place]
            sources.append(block.source)
            numbers.append(cast(int, block.numbers[position - self.starts[place]].as_py()))
        return sources, numbers


class ChunkBuilder:
    """Collects blocks until a chunk is full."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._line_count = 0
        self._bytes = 0

    @property
    def is_full(self) -> bool:
        """Whether the chunk has reached its bounds."""
        return self._bytes >= CHUNK_BYTES_MAX or self._line_count >= CHUNK_LINES_MAX

    def add_block(self, block: Block) -> None:
        """Appends a block."""
        self._blocks.append(block)
        self._line_count += len(block)
        self._bytes += len(block.text) + sum(map(len, block.received or ()))

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
        if lines:
            spans, numbered = line_spans(lines), pa.array(numbers, pa.int64())
            self.add_block(Block(source, b"".join(lines), spans, numbered, received))

    def add_cut(self, source: str, number: int, beginning: bytes, bytes_whole: int) -> None:
        """Appends the beginning of a line that is too long to keep."""
        spans, numbered = line_spans([beginning]), pa.array([number], pa.int64())
        self.add_block(Block(source, beginning, spans, numbered, bytes_whole=bytes_whole))

    def add_refused(self, source: str, number: int, received: bytes, detail: str) -> None:
        """Appends a line of which no JSON can be made."""
        spans, numbered = line_spans([received]), pa.array([number], pa.int64())
        self.add_block(Block(source, received, spans, numbered, refused=detail))

    def take(self) -> Chunk:
        """The lines so far; the builder is empty again."""
        chunk = Chunk(self._blocks)
        self.__init__()  # type: ignore[misc]  # - the same fields, empty
        return chunk


def line_spans(lines: Sequence[bytes], gap: int = 0) -> pa.Array:
    """The spans of lines that lie one after another, with so many bytes between them."""
    flat: list[int] = []
    start = 0
    for line in lines:
        flat += (start, start + len(line))
        start += len(line) + gap
    return pa.array(flat, pa.int64())
