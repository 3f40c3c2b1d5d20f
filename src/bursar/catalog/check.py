"""The check of the whole catalog: every broken row at once, with its place and its remedy.

Owns the order: read each file, then hold the rows against each other. It knows no disk, no database
and no clock. It leaves finding the files to ``bursar.catalog.project``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from bursar.catalog.book import Book, MetricFacts
from bursar.catalog.relations import BY_NAME
from bursar.catalog.rules import RULES
from bursar.catalog.table import read_table
from bursar.errors import Diagnostic, Severity
from bursar.words import nearest_name


def check_catalog(
    files: Mapping[str, str],
    metrics: Iterable[MetricFacts] | None = None,
    *,
    elsewhere: frozenset[str] = frozenset(),
) -> list[Diagnostic]:
    """Everything that is wrong with a catalog.

    Args:
        files: The text of each CSV, by the name that messages give it, such as
            ``seeds/rates.csv``. A relation without a file has no rows.
        metrics: What is known of the metrics; None to say nothing about them.
        elsewhere: The relations that come from another source: their rows are not looked for.

    Returns:
        The problems in order of place; empty if the catalog is fine.
    """
    return read_catalog(files, metrics, elsewhere=elsewhere)[1]


def read_catalog(
    files: Mapping[str, str],
    metrics: Iterable[MetricFacts] | None = None,
    *,
    elsewhere: frozenset[str] = frozenset(),
) -> tuple[Book, list[Diagnostic]]:
    """The catalog's tables and everything that is wrong; arguments as in `check_catalog`."""
    tables = {}
    problems: list[Diagnostic] = []
    for path, text in sorted(files.items()):
        relation = BY_NAME.get(PurePosixPath(path).stem)
        if relation is None:
            problems.extend(_misnamed_file(path))
        elif relation.name not in elsewhere:
            tables[relation.name], found = read_table(relation, path, text)
            problems.extend(found)
    facts = None if metrics is None else {metric.name: metric for metric in metrics}
    book = Book(tables, facts, elsewhere)
    for rule in RULES:
        problems.extend(rule(book))
    return book, sorted(problems)


def _misnamed_file(path: str) -> list[Diagnostic]:
    """A project may have seeds of its own; one that nearly bears a relation's name is a slip."""
    name = PurePosixPath(path).stem
    near = nearest_name(name, BY_NAME)
    if not near:
        return []
    message = f"The catalog has no relation {name}, so its rows are not read. Nearest: {near}."
    return [Diagnostic(path, 0, 0, "unknown-relation", message, severity=Severity.WARNING)]
