"""What this version of Bursar does not bill yet and so refuses: no bill is quietly short.

Owns the list. A room that learns to bill something takes its entry away.
"""

from __future__ import annotations

from collections.abc import Iterator

from bursar.catalog.book import Book, Rule
from bursar.errors import Diagnostic, Severity
from bursar.project import PROJECT_FILE

UNSUPPORTED_RELATIONS = (
    "commits",
    "commit_specifiers",
    "commit_segments",
    "commit_invoices",
    "commit_adjustments",
    "recurring_commits",
)


def rows_that_are_not_billed(book: Book) -> Iterator[Diagnostic]:
    """A row of a relation that nothing reads yet."""
    for name in UNSUPPORTED_RELATIONS:
        for row in book.rows(name):
            message = f"This version of Bursar does not bill {name}. Delete the row to go on."
            column = next(iter(row.cells))
            yield book.tables[name].problem(row, column, "not-supported-yet", message)


def sources_that_are_not_read(book: Book) -> Iterator[Diagnostic]:
    """A relation that comes from another source, where nobody sees that it is not billed."""
    unread = [name for name in UNSUPPORTED_RELATIONS if name in book.elsewhere]
    if unread:
        message = (
            f"catalog_source takes {', '.join(unread)} from a source."
            " This version of Bursar does not bill them, whatever rows are there."
        )
        yield Diagnostic(PROJECT_FILE, 0, 0, "source-not-read", message, severity=Severity.WARNING)


RULES: tuple[Rule, ...] = (
    rows_that_are_not_billed,
    sources_that_are_not_read,
)
