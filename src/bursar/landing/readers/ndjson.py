r"""Newline-delimited JSON to chunks.

Owns what a line is: bytes up to ``\n``, without a ``\r`` before it and without the byte order mark
that some tools put at a file's start; a line of nothing but spaces, tabs and returns is none. It
leaves the line's content to ``bursar.landing.judging``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from bursar.landing.lines import LINE_BYTES_MAX
from bursar.landing.readers.chunk import Chunk, ChunkBuilder
from bursar.landing.readers.sources import Source, open_source

_BLOCK_BYTES = 4 * 1024 * 1024
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_BLANK = b" \t\r"


def read_ndjson(sources: Sequence[Source]) -> Iterator[Chunk]:
    """Chunks of all sources' lines, in order; a chunk may span sources, and memory holds one.

    Raises:
        BursarError: A source cannot be read to its end.
    """
    builder = ChunkBuilder()
    for source in sources:
        with open_source(source) as stream:
            number = 1
            for lines in _blocks_of_lines(stream):
                _add(builder, source.name, number, lines)
                number += len(lines)
                if builder.is_full:
                    yield builder.take()
    last = builder.take()
    if last.lines.num_rows:
        yield last


@dataclass(frozen=True)
class LongLine:
    """The beginning of a line over the limit, and how long it is in all."""

    beginning: bytes
    bytes_whole: int


@dataclass(frozen=True)
class _Lines:
    """Whole lines; the first, which earlier blocks may have begun, can be over the limit."""

    first: bytes | LongLine
    rest: list[bytes]

    def __len__(self) -> int:
        return 1 + len(self.rest)


def _add(builder: ChunkBuilder, source: str, number: int, lines: _Lines) -> None:
    if isinstance(lines.first, LongLine):
        builder.add_cut(source, number, lines.first.beginning, lines.first.bytes_whole)
        number, texts = number + 1, lines.rest
    else:
        texts = [lines.first, *lines.rest]
    numbers: Sequence[int] = range(number, number + len(texts))
    if not all(text.strip(_BLANK) for text in texts):
        numbers = [n for n, text in enumerate(texts, number) if text.strip(_BLANK)]
        texts = [text for text in texts if text.strip(_BLANK)]
    builder.add(source, numbers, [text.removesuffix(b"\r") for text in texts])


def physical_lines(stream: BinaryIO) -> Iterator[bytes | LongLine]:
    r"""Line by line, blank ones and ``\r`` at their ends included."""
    for lines in _blocks_of_lines(stream):
        yield lines.first
        yield from lines.rest


def _blocks_of_lines(stream: BinaryIO) -> Iterator[_Lines]:
    """The lines block by block; holds a block and one line at most."""
    unfinished = _UnfinishedLine(skip=_BYTE_ORDER_MARK)
    while block := stream.read(_BLOCK_BYTES):
        first, *rest = block.split(b"\n")
        unfinished.add(first)
        if rest:
            *whole, begun = rest
            yield _Lines(unfinished.end(), whole)
            unfinished = _UnfinishedLine()
            unfinished.add(begun)
    yield _Lines(unfinished.end(), [])


class _UnfinishedLine:
    """A line that may go on in the next block; beyond the limit only its length is kept."""

    def __init__(self, skip: bytes = b"") -> None:
        self._skip = skip
        self._parts: list[bytes] = []
        self._bytes_whole = 0

    def add(self, part: bytes) -> None:
        room = max(0, LINE_BYTES_MAX - self._bytes_whole)
        if room:
            self._parts.append(part[:room])
        self._bytes_whole += len(part)

    def end(self) -> bytes | LongLine:
        text = b"".join(self._parts).removeprefix(self._skip)
        is_whole = self._bytes_whole <= LINE_BYTES_MAX
        return text if is_whole else LongLine(text, self._bytes_whole)
