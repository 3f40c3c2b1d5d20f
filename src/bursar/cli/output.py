"""How commands print: data to stdout, words to stderr; tables for people, JSON or CSV for programs.

Owns the common options and the table, JSON and CSV forms. It leaves what to print to each command.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from bursar.errors import BursarError, Diagnostic, ProblemsFound
from bursar.project import Project, find_project

if TYPE_CHECKING:
    from rich.console import Console

PIPE_COLUMNS = 400


class Format(StrEnum):
    """How a command's data is written to stdout."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


ProjectDir = Annotated[
    Path | None,
    typer.Option(
        "--project-dir",
        help="The billing project; by default the nearest folder upwards with dbt_project.yml.",
        show_default=False,
    ),
]
OutputFormat = Annotated[
    Format, typer.Option("--format", help="table for people; json or csv for programs.")
]
ComparedAsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        help="The instant to compute for, RFC 3339 or a date; the published warehouse's by"
        " default, or now.",
        show_default=False,
    ),
]


def open_project(project_dir: Path | None) -> Project:
    """The project that a command works on."""
    return find_project(project_dir)


def say(words: str) -> None:
    """Prints words for a person, to stderr."""
    typer.echo(words, err=True)


def print_diagnostics(diagnostics: Sequence[Diagnostic]) -> None:
    """Prints every diagnostic to stderr, in order of place, with a blank line between two."""
    say("\n\n".join(diagnostic.render() for diagnostic in sorted(diagnostics)))


def print_error(error: BursarError) -> None:
    """Prints an error: what it found, what is wrong, and what to do."""
    if isinstance(error, ProblemsFound):
        print_diagnostics(error.diagnostics)
        say("")
    say(f"error: {error.message}")
    if error.remedy:
        say(error.remedy)


def plain(value: Any) -> str:
    """A value as text: decimals without trailing zeros, times in RFC 3339, null as nothing."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S") + (
            f".{value.microsecond:06d}Z" if value.microsecond else "Z"
        )
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return json.dumps(value, default=plain, ensure_ascii=False)
    return str(value)


def print_rows(
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    form: Format,
    *,
    title: str = "",
    right: frozenset[str] = frozenset(),
) -> None:
    """Prints rows to stdout.

    Args:
        columns: The column names.
        rows: One sequence a row, as wide as `columns`.
        form: Table, JSON (a list of objects; numbers as text, so that no digit is lost) or CSV.
        title: Above the table; only for people.
        right: Columns to align right in a table.
    """
    if form is Format.JSON:
        objects = [
            {
                name: value if value is None or isinstance(value, bool | int) else plain(value)
                for name, value in zip(columns, row, strict=True)
            }
            for row in rows
        ]
        typer.echo(json.dumps(objects, indent=2, ensure_ascii=False))
    elif form is Format.CSV:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([[plain(value) for value in row] for row in rows])
    else:
        _print_table(columns, rows, title, right)


def _print_table(
    columns: Sequence[str], rows: Sequence[Sequence[Any]], title: str, right: frozenset[str]
) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for name in columns:
        justify: Literal["left", "right"] = "right" if name in right else "left"
        # A figure that is broken into two lines is read as another one.
        table.add_column(name, justify=justify, overflow="fold", no_wrap=name in right)
    for row in rows:
        table.add_row(*(Text(plain(value)) for value in row))
    console().print(table)


def console() -> Console:
    """Where tables are drawn: as wide as the terminal; in a pipe nothing is cut."""
    from rich.console import Console

    return Console() if sys.stdout.isatty() else Console(width=PIPE_COLUMNS)
