r"""Newline-delimited JSON to chunks.

Owns reading block by block, the byte order mark that some tools put at a file's start, and lines
too long to keep. It leaves what a line is to ``bursar.landing.scanner.splitting``, and the line's
content to ``bursar.landing.judging``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from bursar.landing.lines import LINE_BYTES_MAX
from bursar.landing.readers.chunk import Block, Chunk, ChunkBuilder, line_spans
from bursar.landing.readers.sources import Source, open_source
from bursar.landing.scanner.splitting import SplitBlock, split_lines

_BLOCK_BYTES = 4 * 1024 * 1024
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_ndjson(sources: Sequence[Source]) -> Iterator[Chunk]:
    """Chunks of all sources' lines, in order; a chunk may span sources, and memory holds one.

    Raises:
        BursarError: A source cannot be read to its end.
    """
    builder = ChunkBuilder()
    for source in sources:
        with open_source(source) as stream:
            for block in _blocks(source.name, stream):
                builder.add_block(block)
                if builder.is_full:
                    yield builder.take()
    last = builder.take()
    if len(last):
        yield last


def _blocks(source: str, stream: BinaryIO) -> Iterator[Block]:
    first = 1
    for part in _parts(stream):
        if isinstance(part, LongLine):
            numbers = pa.array([first], pa.int64())
            spans = line_spans([part.beginning])
            yield Block(source, part.beginning, spans, numbers, bytes_whole=part.bytes_whole)
            first += 1
            continue
        text, lines = part
        if len(lines.numbers):
            yield Block(source, text, lines.spans, pc.add(lines.numbers, first))
        first += lines.line_count


@dataclass(frozen=True)
class LongLine:
    """The beginning of a line over the limit, and how long it is in all."""

    beginning: bytes
    bytes_whole: int


def physical_lines(stream: BinaryIO) -> Iterator[bytes | LongLine]:
    r"""Line by line, blank ones and ``\r`` at their ends included."""
    for part in _parts(stream):
        if isinstance(part, LongLine):
            yield part
        else:
            text, lines = part
            yield from text[: lines.bytes_taken].split(b"\n")[: lines.line_count]


def _parts(stream: BinaryIO) -> Iterator[tuple[bytes, SplitBlock] | LongLine]:
    """Bytes with the whole lines in them; holds a block and one line at most."""
    rest, mark, is_over = b"", _BYTE_ORDER_MARK, False
    while not is_over:
        block = stream.read(_BLOCK_BYTES)
        is_over = not block
        rest += block.removeprefix(mark)
        mark = b""
        if is_over and rest:
            rest += b"\n"  # the last line may lack its break
        lines = split_lines(rest)
        if lines.bytes_taken:
            yield from _without_long_lines(rest, lines)
            rest = rest[lines.bytes_taken :]
        if len(rest) > LINE_BYTES_MAX:
            long, rest = _skip_long_line(rest, stream)
            yield long


def _without_long_lines(
    text: bytes, lines: SplitBlock
) -> Iterator[tuple[bytes, SplitBlock] | LongLine]:
    """The lines as they are, unless the first, which earlier blocks have begun, is too long."""
    end = text.find(b"\n") if len(text) > LINE_BYTES_MAX else -1
    if end > LINE_BYTES_MAX:
        yield LongLine(text[:LINE_BYTES_MAX], end)
        text = text[end + 1 : lines.bytes_taken]
        lines = split_lines(text)
    yield text, lines


def _skip_long_line(begun: bytes, stream: BinaryIO) -> tuple[LongLine, bytes]:
    """The line that has begun, and what follows it; of the line only its beginning is held."""
    bytes_whole = len(begun)
    while block := stream.read(_BLOCK_BYTES):
        end = block.find(b"\n")
        if end >= 0:
            return LongLine(begun[:LINE_BYTES_MAX], bytes_whole + end), block[end + 1 :]
        bytes_whole += len(block)
    return LongLine(begun[:LINE_BYTES_MAX], bytes_whole), b""
