"""`bursar sql`: ask the published warehouse.

Owns where a query comes from and how its answer and its errors look. It leaves opening the file,
read-only and with the marts on the search path, to `bursar.warehouse.database`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bursar.cli.output import (
    Format,
    OutputFormat,
    ProjectDir,
    open_project,
    print_error,
    print_rows,
    say,
)
from bursar.errors import BursarError, ExitCode

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, Statement

# How DuckDB's type names begin for what stands flush right; 1.5 says NUMBER, 2.0 the type itself.
NUMBER_TYPES = (
    "NUMBER",
    "DECIMAL",
    "BIGINT",
    "INTEGER",
    "HUGEINT",
    "SMALLINT",
    "TINYINT",
    "DOUBLE",
)
# More rows than this nobody reads on a screen; programs get all of them.
SCREEN_ROWS_MAX = 1000


def sql(
    query: Annotated[
        str | None,
        typer.Argument(
            help="The query; without it, standard input, or a conversation on a terminal.",
            show_default=False,
        ),
    ] = None,
    unpublished: Annotated[
        bool,
        typer.Option(
            "--unpublished", help="Ask the build's own file instead, to see why a build failed."
        ),
    ] = False,
    simulated: Annotated[
        bool,
        typer.Option("--simulated", help="Ask what `bursar simulate` has computed last instead."),
    ] = False,
    project_dir: ProjectDir = None,
    output_format: OutputFormat = Format.TABLE,
) -> None:
    """Ask the published warehouse with SQL, read-only."""
    from bursar.warehouse import database

    project = open_project(project_dir)
    if unpublished and simulated:
        raise BursarError(
            "--unpublished and --simulated name two warehouses.",
            remedy="Ask one at a time.",
            exit_code=ExitCode.BAD_USAGE,
        )
    opened = database.published
    if unpublished or simulated:
        opened = database.unpublished if unpublished else database.simulated
    with opened(project) as connection:
        if query is None and sys.stdin.isatty():
            converse(connection, output_format)
        else:
            run(connection, sys.stdin.read() if query is None else query, output_format)


def run(connection: DuckDBPyConnection, text: str, output_format: Format) -> None:
    """Runs statements and prints the rows of each that has any.

    Raises:
        BursarError: DuckDB refuses one; exit code 2.
    """
    import duckdb

    try:
        statements = connection.extract_statements(text)
        if not statements:
            raise BursarError(
                "The query is empty.",
                remedy="bursar sql 'select * from invoices'",
                exit_code=ExitCode.BAD_USAGE,
            )
        for statement in statements:
            _print_answer(connection, statement, output_format)
    except duckdb.Error as error:
        raise _refused(connection, error) from error


def converse(connection: DuckDBPyConnection, output_format: Format) -> None:
    """Reads statements up to a `;` and answers each, until the input ends."""
    import readline  # noqa: F401 - gives input() its line editing and history

    say("Read-only. A statement ends with ;  Leave with Ctrl-D.")
    lines: list[str] = []
    while True:
        try:
            lines.append(input("   ...> " if lines else "bursar> "))
        except EOFError:
            say("")
            return
        except KeyboardInterrupt:
            say("")
            lines.clear()
            continue
        text = "\n".join(lines).strip()
        if not text:
            lines.clear()
        elif text.endswith(";"):
            lines.clear()
            try:
                run(connection, text, output_format)
            except BursarError as error:
                print_error(error)


def _print_answer(
    connection: DuckDBPyConnection, statement: Statement, output_format: Format
) -> None:
    cursor = connection.execute(statement)
    description = cursor.description or []
    on_screen = output_format is Format.TABLE and sys.stdout.isatty()
    rows = cursor.fetchmany(SCREEN_ROWS_MAX + 1) if on_screen else cursor.fetchall()
    is_statement_without_rows = not rows and [column[0] for column in description] in (
        ["Count"],
        ["Success"],
    )
    if not description or is_statement_without_rows:
        return
    numeric = frozenset(
        column[0] for column in description if str(column[1]).startswith(NUMBER_TYPES)
    )
    names = [column[0] for column in description]
    print_rows(names, rows[:SCREEN_ROWS_MAX] if on_screen else rows, output_format, right=numeric)
    if on_screen and len(rows) > SCREEN_ROWS_MAX:
        say(f"Only the first {SCREEN_ROWS_MAX:,} rows; --format csv gives all.")


def _refused(connection: DuckDBPyConnection, error: Exception) -> BursarError:
    """DuckDB's own words, and what they leave out: the tables there are, why nothing is written."""
    text = str(error).strip()
    remedy = ""
    if "read-only mode" in text:
        remedy = (
            "The warehouse is derived and read-only: change metrics/ or seeds/ and build again."
        )
    elif "Table with name" in text and "does not exist" in text:
        remedy = f"Tables: {', '.join(_tables(connection))}."
    return BursarError(text, remedy=remedy, exit_code=ExitCode.BAD_USAGE)


def _tables(connection: DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "select table_name from information_schema.tables where table_schema = 'billing' order by 1"
    ).fetchall()
    return [row[0] for row in rows]
