"""CSV text as records that know where each field stands.

Owns the CSV grammar (RFC 4180, commas, any one kind of line ending). It leaves what the fields mean
to ``bursar.catalog.table``. The standard library's reader does not tell columns, and forgives too
much: what it would guess, DuckDB may guess differently.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bursar.errors import Diagnostic

_PLAIN = re.compile(r"[^,\r\n]*")
_QUOTED = re.compile(r'"([^"]*(?:""[^"]*)*)"')
_FIELD_END = re.compile(r",|\r|\n|\Z")
_BREAK = re.compile(r"\r\n|\n|\r")


class Cell(NamedTuple):
    """One field: a tuple, since a large catalog has millions of them.

    Args:
        text: What it says, without quotes.
        line: 1-based.
        column: 1-based place of its first character, the quote if it has one.
        width: How many characters it takes on its first line.
    """

    text: str
    line: int
    column: int
    width: int


@dataclass(frozen=True)
class CsvText:
    """A file's records and the lines they came from.

    Args:
        path: As messages name the file.
        lines: The file's lines, without their breaks.
        records: The fields of each line that has any; a quoted field may run over several lines.
        problems: What is not CSV.
    """

    path: str
    lines: tuple[str, ...]
    records: tuple[tuple[Cell, ...], ...]
    problems: tuple[Diagnostic, ...]


def read_csv(path: str, text: str) -> CsvText:
    """Reads a file's text.

    Args:
        path: As messages name the file.
        text: The whole file; a byte order mark in front is no part of it.
    """
    text = text.removeprefix("\ufeff")
    lines = tuple(_BREAK.split(text))
    scanner = _Scanner(path, text, lines)
    records = scanner.records()
    problems = [*scanner.problems, *_mixed_breaks(path, text, lines)]
    return CsvText(path, lines, tuple(records), tuple(problems))


class _Scanner:
    """Walks over the text once; its place is the only state."""

    def __init__(self, path: str, text: str, lines: Sequence[str]) -> None:
        self._path = path
        self._text = text
        self._lines = lines
        self._position = 0
        self._line = 1
        self._line_start = 0
        self.problems: list[Diagnostic] = []

    def records(self) -> list[tuple[Cell, ...]]:
        found = []
        while self._position < len(self._text):
            cells = self._record()
            is_blank_line = len(cells) == 1 and cells[0].width == 0
            if cells and not is_blank_line:
                found.append(cells)
        return found

    def _record(self) -> tuple[Cell, ...]:
        line = self._lines[self._line - 1]
        if '"' not in line and "'" not in line:
            return self._plain_record(line)
        cells = []
        while True:
            cell = self._field()
            if cell is None:
                self._skip_line()
                return ()
            cells.append(cell)
            if not self._text.startswith(",", self._position):
                break
            self._position += 1
        self._break()
        return tuple(cells)

    def _plain_record(self, line: str) -> tuple[Cell, ...]:
        """Most lines have no quotes: they split at their commas, in a third of the time."""
        cells, column = [], 1
        for value in line.split(","):
            cells.append(Cell(value, self._line, column, len(value)))
            column += len(value) + 1
        self._position += len(line)
        self._break()
        return tuple(cells)

    def _field(self) -> Cell | None:
        line, column = self._line, self._position - self._line_start + 1
        is_quoted = self._text.startswith('"', self._position)
        match = (_QUOTED if is_quoted else _PLAIN).match(self._text, self._position)
        if match is None:
            message = (
                "The quote that opens here is never closed. A quote inside a field is doubled."
            )
            self._problem(line, column, "unclosed-quote", message)
            self._position = len(self._text)
            return None
        if is_quoted:
            self._advance(match.end())
        else:
            self._position = match.end()
        source = _BREAK.split(match[0], maxsplit=1)[0] if is_quoted else match[0]
        if is_quoted and not _FIELD_END.match(self._text, self._position):
            message = "Text follows the closing quote. Double a quote that is inside the field."
            self._problem(line, column, "text-after-quote", message, len(source))
            return None
        if len(source) > 1 and source[0] == source[-1] == "'":
            message = "The field stands in apostrophes. Quote with double quotes, or not at all."
            self._problem(line, column, "apostrophe-quotes", message, len(source))
        value = match[1].replace('""', '"') if is_quoted else match[0]
        return Cell(value, line, column, len(source))

    def _advance(self, end: int) -> None:
        for found in _BREAK.finditer(self._text, self._position, end):
            self._line += 1
            self._line_start = found.end()
        self._position = end

    def _skip_line(self) -> None:
        found = _BREAK.search(self._text, self._position)
        self._advance(found.end() if found else len(self._text))

    def _break(self) -> None:
        found = _BREAK.match(self._text, self._position)
        if found:
            self._line += 1
            self._position = self._line_start = found.end()

    def _problem(self, line: int, column: int, name: str, message: str, width: int = 1) -> None:
        excerpt = self._lines[line - 1]
        self.problems.append(
            Diagnostic(self._path, line, column, name, message, excerpt=excerpt, width=width)
        )


def _mixed_breaks(path: str, text: str, lines: Sequence[str]) -> list[Diagnostic]:
    """DuckDB does not read a file whose lines end in different ways."""
    breaks = [found[0] for found in _BREAK.finditer(text)]
    for number, found in enumerate(breaks, start=1):
        if found != breaks[0]:
            message = (
                "This line ends in another way than the first one"
                f" ({_named(found)}, not {_named(breaks[0])})."
                " Save the file with one kind of line ending."
            )
            excerpt = lines[number - 1]
            return [Diagnostic(path, number, 0, "mixed-line-endings", message, excerpt=excerpt)]
    return []


def _named(line_break: str) -> str:
    return {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}[line_break]
