"""A JSON array of events to chunks.

Owns finding where each element begins and ends, without keeping more than one block and one element
in memory. An element is a line: it is judged as its own text, so that no digit changes, and its
number is that of the physical line where it begins. An element that is not JSON is one bad line; an
array that does not end is a torn file.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from bursar.errors import BursarError
from bursar.landing.lines import LINE_BYTES_MAX
from bursar.landing.readers.chunk import Chunk, ChunkBuilder
from bursar.landing.readers.sources import Source, open_source

_BLOCK_BYTES = 4 * 1024 * 1024
_ELEMENTS_AT_ONCE = 5_000
_SPACE = re.compile(r"[ \t\n\r]*")
# A string, the quote of one that does not end here, or what can begin or end a value.
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|["\[\]{},]', re.DOTALL)
# Only to find an element's end: its value is not kept.
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str)


def read_json(sources: Sequence[Source]) -> Iterator[Chunk]:
    """Chunks of all sources' elements, in order; a chunk may span sources.

    Raises:
        BursarError: A source cannot be read to its end, or is not one JSON array.
    """
    builder = ChunkBuilder()
    for source in sources:
        with open_source(source) as stream:
            numbers: list[int] = []
            texts: list[bytes] = []
            for number, text in _elements(_Text(source.name, stream)):
                numbers.append(number)
                texts.append(text)
                if len(texts) == _ELEMENTS_AT_ONCE or len(text) > _BLOCK_BYTES:
                    builder.add(source.name, numbers, texts)
                    numbers, texts = [], []
                if builder.is_full:
                    yield builder.take()
            builder.add(source.name, numbers, texts)
    last = builder.take()
    if len(last):
        yield last


class _Text:
    """The source's text, of which only the part not yet taken is held."""

    def __init__(self, name: str, stream: BinaryIO) -> None:
        self.name = name
        self.buffer = ""
        self.line_number = 1
        self._stream = stream
        # Bytes that are not UTF-8 come back out as they were, in the element that has them.
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("surrogateescape")

    def read_on(self) -> bool:
        """Appends a block; whether there was one."""
        block = self._stream.read(_BLOCK_BYTES)
        self.buffer += self._decoder.decode(block, final=not block)
        return bool(block)

    def drop(self, length: int) -> None:
        """Lets go of the first characters."""
        self.line_number += self.buffer.count("\n", 0, length)
        self.buffer = self.buffer[length:]

    def peek(self, start: int) -> tuple[str, int]:
        """The next character that is no space, and its place; empty at the end."""
        while True:
            match = _SPACE.match(self.buffer, start)
            start = match.end() if match else start
            if start < len(self.buffer) or not self.read_on():
                return self.buffer[start : start + 1], start

    def refuse(self, what: str) -> BursarError:
        return BursarError(
            f"{self.name} {what}. Nothing of this batch was landed.",
            remedy="Mend or leave out that file. For one event a line, use --format ndjson.",
        )


def _elements(text: _Text) -> Iterator[tuple[int, bytes]]:
    """Each element's line number and bytes."""
    first, place = text.peek(0)
    if first != "[":
        raise text.refuse("is not a JSON array of events")
    first, place = text.peek(place + 1)
    number, counted = text.line_number, 0
    is_over = first == "]"
    while not is_over:
        if place > _BLOCK_BYTES:
            text.drop(place)
            number, counted, place = text.line_number, 0, 0
        number += text.buffer.count("\n", counted, place)
        counted = place
        end, mark = _end_of_element(text, place, number)
        element = text.buffer[place:mark].rstrip(" \t\n\r")
        yield number, element.encode("utf-8", "surrogateescape")
        is_over = text.buffer[end] == "]"
        place = end if is_over else text.peek(end + 1)[1]
    if text.peek(place + 1)[0]:
        raise text.refuse("goes on after the end of its array")


def _end_of_element(text: _Text, start: int, number: int) -> tuple[int, int]:
    """Where the comma or bracket after the element stands, and where the element ends."""
    try:
        _, end = _DECODER.raw_decode(text.buffer, start)
        mark, place = text.peek(end)
        if mark in (",", "]"):
            return place, end
    except (json.JSONDecodeError, RecursionError):
        pass
    place = _scan(text, start, number)
    return place, place


def _scan(text: _Text, start: int, number: int) -> int:
    """The same by brackets alone, for an element that is not JSON or not yet read to its end."""
    depth, place = 0, start
    while True:
        match = _TOKEN.search(text.buffer, place)
        if match is None or match[0] == '"':
            place = match.start() if match else len(text.buffer)
            if place - start > LINE_BYTES_MAX or len(text.buffer) - start > 2 * LINE_BYTES_MAX:
                raise text.refuse(
                    f"has an element of more than {LINE_BYTES_MAX:,} bytes at line {number}"
                )
            if not text.read_on():
                raise text.refuse(f"ends inside its array, in the element at line {number}")
            continue
        if depth == 0 and match[0] in (",", "]"):
            return match.start()
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(match[0], 0)
        depth = max(depth, 0)
        place = match.end()
