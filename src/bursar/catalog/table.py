"""A relation's rows, read and typed, each field knowing its place.

Owns the table and the finding of what is wrong with one file by itself: its header, its rows' shape
and the text of its fields. It leaves what rows mean to each other to ``bursar.catalog.rules``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bursar.catalog.csv_text import Cell, CsvText, read_csv
from bursar.catalog.relations import header
from bursar.catalog.schema import Relation
from bursar.catalog.values import Mistake, Value, read_value
from bursar.errors import Diagnostic, Severity
from bursar.words import nearest


@dataclass(frozen=True)
class Row:
    """One row.

    Args:
        line: 1-based line of its first field.
        cells: Its fields by column, as written.
        values: What they mean; without those that are blank (and have no default) or do not read.
        mistakes: Why a field does not read.
    """

    line: int
    cells: Mapping[str, Cell]
    values: Mapping[str, Value]
    mistakes: Mapping[str, Mistake]

    def is_given(self, column: str) -> bool:
        """Whether the field says something, right or wrong."""
        return column in self.cells and self.cells[column].text != ""

    def is_blank(self, column: str) -> bool:
        """Whether the field is there and says nothing."""
        return column in self.cells and self.cells[column].text == ""

    def text(self, column: str) -> str:
        """An id, a choice or a text; empty if there is none."""
        value = self.values.get(column, "")
        return value if isinstance(value, str) else ""

    def time(self, column: str) -> datetime | None:
        """An instant."""
        value = self.values.get(column)
        return value if isinstance(value, datetime) else None

    def number(self, column: str) -> Decimal | None:
        """A decimal."""
        value = self.values.get(column)
        return value if isinstance(value, Decimal) else None

    def flag(self, column: str) -> bool:
        """True or false; false if there is none."""
        return self.values.get(column) is True

    def items(self, column: str) -> tuple[str, ...]:
        """A list; empty if there is none."""
        value = self.values.get(column)
        return value if isinstance(value, tuple) else ()

    def pairs(self, column: str) -> dict[str, str]:
        """A map; empty if there is none."""
        value = self.values.get(column)
        return value if isinstance(value, dict) else {}

    def reads(self, *columns: str) -> bool:
        """Whether none of these fields is missing or holds a text that does not read."""
        return all(column in self.cells and column not in self.mistakes for column in columns)


@dataclass(frozen=True)
class Table:
    """A relation's file.

    Args:
        relation: What it should hold.
        path: As messages name the file.
        lines: The file's lines.
        rows: Those whose shape is right.
        is_whole: Whether every row of the file is there; else ids that are not in `rows` may exist.
    """

    relation: Relation
    path: str
    lines: tuple[str, ...]
    rows: tuple[Row, ...]
    is_whole: bool = True

    def problem(
        self,
        row: Row,
        column: str,
        name: str,
        message: str,
        *,
        part: str = "",
        severity: Severity = Severity.ERROR,
    ) -> Diagnostic:
        """A diagnostic at a row's field.

        Args:
            row: The row.
            column: The field's column; where there is no such field, the row's first one is shown.
            name: The problem's short name.
            message: What is wrong, and what would be right.
            part: The part of the field to underline; all of it, if it is not found there.
            severity: Whether it stops a build.
        """
        cell = row.cells.get(column) or next(iter(row.cells.values()))
        excerpt = self.lines[cell.line - 1]
        at, width = cell.column - 1, cell.width
        found = excerpt.find(part, at, at + width) if part else -1
        if found >= 0:
            at, width = found, len(part)
        return Diagnostic(
            self.path,
            cell.line,
            at + 1,
            name,
            message,
            severity=severity,
            excerpt=excerpt,
            width=max(1, width),
        )


def read_table(relation: Relation, path: str, text: str) -> tuple[Table, list[Diagnostic]]:
    """Reads a relation's file.

    Args:
        relation: What it should hold.
        path: As messages name the file.
        text: The whole file.

    Returns:
        The table, and what is wrong with its header, its rows' shape and its fields' texts.
    """
    source = read_csv(path, text)
    if not source.records:
        empty = Table(relation, path, source.lines, (), is_whole=False)
        return empty, list(source.problems) or [_empty_file(relation, path)]
    names = tuple(cell.text for cell in source.records[0])
    problems = [*source.problems, *_header_problems(relation, source)]
    is_whole = not source.problems and set(relation.key) <= set(names)
    rows = []
    for record in source.records[1:]:
        shape = _shape_problem(source, names, record)
        if shape:
            problems.append(shape)
            is_whole = is_whole and shape.name == "blank-row"
        else:
            rows.append(_typed(relation, names, record))
    table = Table(relation, path, source.lines, tuple(rows), is_whole)
    problems.extend(_field_problems(table))
    return table, problems


def _empty_file(relation: Relation, path: str) -> Diagnostic:
    message = f"The file has no header. Its first line must be\n{header(relation)}"
    return Diagnostic(path, 1, 0, "no-header", message)


def _header_problems(relation: Relation, source: CsvText) -> Iterator[Diagnostic]:
    cells = source.records[0]
    names = [cell.text for cell in cells]
    excerpt = source.lines[cells[0].line - 1]
    missing = [name for name in relation.column_names if name not in names]

    def at(cell: Cell, name: str, message: str) -> Diagnostic:
        return Diagnostic(
            source.path,
            cell.line,
            cell.column,
            name,
            message,
            excerpt=excerpt,
            width=max(1, cell.width),
        )

    for separator, called in ((";", "semicolons"), ("\t", "tabs")):
        if len(cells) == 1 and separator in cells[0].text:
            message = f"The columns are separated by {called}. Save the file with commas."
            yield at(cells[0], "not-commas", message)
            return
    for number, cell in enumerate(cells):
        if cell.text not in relation.column_names:
            near = nearest(cell.text, missing or relation.column_names)
            message = f"{relation.name} has no column {cell.text or '(blank)'}.{near}"
            yield at(cell, "unknown-column", message)
        elif cell.text in names[:number]:
            yield at(cell, "duplicate-column", f"The column {cell.text} is there twice.")
    if missing:
        message = (
            f"The header lacks {', '.join(missing)}."
            " Fields may be blank, columns may not be missing. The whole header is"
            f"\n{header(relation)}"
        )
        yield at(cells[-1], "missing-column", message)


def _shape_problem(
    source: CsvText, names: tuple[str, ...], record: tuple[Cell, ...]
) -> Diagnostic | None:
    line = record[0].line
    excerpt = source.lines[line - 1]
    if all(cell.text == "" for cell in record):
        message = "The row is blank. Delete the line."
        return Diagnostic(source.path, line, 0, "blank-row", message, excerpt=excerpt)
    if len(record) == len(names):
        return None
    message = f"The row has {len(record)} fields, the header {len(names)}."
    if len(record) < len(names):
        message += f" It ends before {names[len(record)]}; a blank field needs its comma, too."
        return Diagnostic(source.path, line, 0, "ragged-row", message, excerpt=excerpt)
    message += " A field that holds a comma stands in double quotes."
    extra = record[len(names)]
    excerpt = source.lines[extra.line - 1]
    return Diagnostic(
        source.path,
        extra.line,
        extra.column,
        "ragged-row",
        message,
        excerpt=excerpt,
        width=max(1, extra.width),
    )


def _typed(relation: Relation, names: tuple[str, ...], record: tuple[Cell, ...]) -> Row:
    cells = dict(zip(names, record, strict=True))
    values: dict[str, Value] = {}
    mistakes: dict[str, Mistake] = {}
    for column in relation.columns:
        cell = cells.get(column.name)
        text = cell and (cell.text or column.default)
        if text:
            found = read_value(column, text)
            if isinstance(found, Mistake):
                mistakes[column.name] = found
            else:
                values[column.name] = found
    return Row(record[0].line, cells, values, mistakes)


def _field_problems(table: Table) -> Iterator[Diagnostic]:
    required = [column for column in table.relation.columns if column.is_required]
    for row in table.rows:
        for column in required:
            if row.is_blank(column.name):
                message = f"{column.name} must not be blank. {column.description}"
                yield table.problem(row, column.name, "blank-required", message)
        for name, mistake in row.mistakes.items():
            yield table.problem(row, name, mistake.name, mistake.message, part=mistake.part)
