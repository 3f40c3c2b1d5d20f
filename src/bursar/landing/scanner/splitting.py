r"""A block of bytes to the lines in it.

Owns what a line is: bytes up to ``\n``, without a ``\r`` before it; a line of nothing but spaces,
tabs and returns is none.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from bursar.landing.scanner.binding import Owned, loaded_library

_BLANK = b" \t\r"


@dataclass(frozen=True)
class SplitBlock:
    """The whole lines of a block.

    Args:
        spans: For each line two int64: where it begins and where it ends.
        numbers: int64, of each line in the block, from 0; blank lines are counted and left out.
        line_count: How many there are, with the blank ones.
        bytes_taken: Where the last whole line ends, with its break.
    """

    spans: pa.Array
    numbers: pa.Array
    line_count: int
    bytes_taken: int


def split_lines(block: bytes) -> SplitBlock:
    """The whole lines of a block; what follows its last break is none yet."""
    loaded = loaded_library()
    if loaded is None:
        return split_lines_in_python(block)
    lines = Owned(loaded.bursar_lines_new(), loaded.bursar_lines_free)
    taken = loaded.bursar_split(block, len(block), lines.pointer)
    if taken < 0:
        raise MemoryError
    found = lines.pointer.contents
    return SplitBlock(
        lines.integers(found.spans, pa.int64()),
        lines.integers(found.numbers, pa.int64()),
        found.line_count,
        taken,
    )


def split_lines_in_python(block: bytes) -> SplitBlock:
    """The same without the library."""
    *lines, rest = block.split(b"\n")
    spans: list[int] = []
    numbers = []
    start = 0
    for number, line in enumerate(lines):
        if line.strip(_BLANK):
            spans += (start, start + len(line.removesuffix(b"\r")))
            numbers.append(number)
        start += len(line) + 1
    kind = pa.int64()
    return SplitBlock(
        pa.array(spans, kind), pa.array(numbers, kind), len(lines), len(block) - len(rest)
    )
