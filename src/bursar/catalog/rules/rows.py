"""Rules of every relation: keys stand once, references lead somewhere, spans run forwards."""

from __future__ import annotations

from collections.abc import Iterator

from bursar.catalog.book import Book, Rule, file_of
from bursar.catalog.currencies import MINOR_UNITS
from bursar.catalog.relations import BY_NAME
from bursar.catalog.schema import CURRENCIES, METRICS, Column, Kind
from bursar.catalog.table import Row, Table
from bursar.catalog.values import time_text
from bursar.errors import Diagnostic
from bursar.words import nearest


def duplicate_keys(book: Book) -> Iterator[Diagnostic]:
    """Two rows with the same key."""
    for table in book.tables.values():
        first_lines: dict[tuple[object, ...], int] = {}
        key = table.relation.key
        for row in table.rows:
            if not row.reads(*key) or not row.is_given(key[0]):
                continue
            value = tuple(row.values.get(name) for name in key)
            if value in first_lines:
                said = " and ".join(f"{name} {row.cells[name].text or '(blank)'}" for name in key)
                message = f"Line {first_lines[value]} has {said} already. A key stands once."
                yield table.problem(row, key[-1], "duplicate-key", message)
            else:
                first_lines[value] = row.line


def spans_that_run_backwards(book: Book) -> Iterator[Diagnostic]:
    """An end that is not after its start."""
    for table in book.tables.values():
        for row in table.rows:
            start, end = row.time("starting_at"), row.time("ending_before")
            if start and end and end <= start:
                message = (
                    f"ending_before {time_text(end)} is not after starting_at {time_text(start)}."
                    " The end is the first instant that no longer counts."
                )
                yield table.problem(row, "ending_before", "ends-before-it-starts", message)


def unknown_references(book: Book) -> Iterator[Diagnostic]:
    """An id that is nobody's."""
    known: dict[tuple[str, ...], frozenset[str] | None] = {}
    for table in book.tables.values():
        for column in table.relation.columns:
            if not column.references:
                continue
            if column.references not in known:
                known[column.references] = _known(book, column.references)
            names = known[column.references]
            if names is not None:
                yield from _unknown_in(book, table, column, names)


def _unknown_in(
    book: Book, table: Table, column: Column, names: frozenset[str]
) -> Iterator[Diagnostic]:
    for row in table.rows:
        for wanted in _referred(row, column):
            if wanted not in names:
                message = _no_such(book, column, wanted) + nearest(wanted, names)
                yield table.problem(row, column.name, "unknown-reference", message, part=wanted)


def _referred(row: Row, column: Column) -> tuple[str, ...]:
    if column.kind is Kind.LIST:
        return row.items(column.name)
    wanted = row.text(column.name)
    return (wanted,) if wanted else ()


def _known(book: Book, relations: tuple[str, ...]) -> frozenset[str] | None:
    """The ids that may be referred to; none if not all of them are known."""
    found: set[str] = set()
    for name in relations:
        if name == CURRENCIES:
            found.update(MINOR_UNITS)
        elif name == METRICS:
            if book.metrics is None:
                return None
            found.update(book.metrics)
        elif not book.knows(name):
            return None
        else:
            key = BY_NAME[name].key[0]
            # A target whose own id does not read is still a target: one mistake, one message.
            found.update(row.cells[key].text for row in book.rows(name) if key in row.cells)
    return frozenset(found)


def _no_such(book: Book, column: Column, wanted: str) -> str:
    if column.references == (METRICS,):
        return f"No metric is named {wanted}. Metrics are the files in metrics/."
    if column.references == (CURRENCIES,):
        return f"ISO 4217 has no currency {wanted} with a minor unit."
    places = [
        f"{file_of(book, BY_NAME[name])} has no {BY_NAME[name].key[0]} {wanted}"
        for name in column.references
        if name != CURRENCIES
    ]
    if CURRENCIES in column.references:
        places.insert(0, f"{wanted} is not a currency of ISO 4217")
    return ", and ".join(places) + "."


RULES: tuple[Rule, ...] = (duplicate_keys, unknown_references, spans_that_run_backwards)
