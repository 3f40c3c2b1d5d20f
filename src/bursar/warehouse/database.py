"""Opening the warehouse's files.

Owns how the published file is opened for reading, and the words for a file that cannot be opened.
It leaves writing tables to dbt and replacing the published file to `bursar.warehouse.publish`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bursar.errors import BursarError, ExitCode
from bursar.landing import failures
from bursar.project import Project

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# What an unqualified name means to a reader: the marts first, then the steps behind them, then the
# catalog.
SCHEMAS = ("billing", "work", "catalog")


@contextmanager
def published(project: Project) -> Iterator[DuckDBPyConnection]:
    """A read-only connection to the newest published warehouse, marts first on the search path.

    Raises:
        BursarError: Nothing has been published yet; exit code 3.
    """
    if not project.published_database.exists():
        raise BursarError(
            f"There is no published warehouse yet: {project.relative(project.published_database)}.",
            remedy="Make one with `bursar build`.",
            exit_code=ExitCode.WAREHOUSE_UNAVAILABLE,
        )
    with reading(project, project.published_database) as connection:
        yield connection


@contextmanager
def published_as_built(project: Project) -> Iterator[DuckDBPyConnection]:
    """The same under the name that the build's file has, relative paths being the project's.

    A view over landed files is thus at home: DuckDB 1.5 writes the file's name into a view, and
    finds no table of it in a file of another name.

    Raises:
        BursarError: Nothing has been published yet; exit code 3.
    """
    import duckdb

    # Whether the file is there and opens at all; the words for it are said in one place.
    with published(project):
        pass
    file = str(project.published_database.resolve())
    name = project.build_database.stem
    with duckdb.connect(":memory:") as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("set python_enable_replacements = false")
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"set file_search_path = {_quoted(str(project.root))}")
        connection.execute(f"attach {_quoted(file)} as {name} (read_only)")
        connection.execute(f"use {name}")
        yield connection


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def unpublished(project: Project) -> Iterator[DuckDBPyConnection]:
    """A read-only connection to the build's own file, to see why a build failed.

    Raises:
        BursarError: There is none, or a build is writing it; exit code 3.
    """
    if not project.build_database.exists():
        raise BursarError(
            f"Nothing has been built yet: there is no {project.relative(project.build_database)}.",
            remedy="Run `bursar build`.",
            exit_code=ExitCode.WAREHOUSE_UNAVAILABLE,
        )
    with reading(project, project.build_database) as connection:
        yield connection


@contextmanager
def simulated(project: Project) -> Iterator[DuckDBPyConnection]:
    """A read-only connection to what `bursar simulate` has computed last.

    Raises:
        BursarError: Nothing has been simulated yet; exit code 3.
    """
    if not project.simulated_database.exists():
        raise BursarError(
            "Nothing has been simulated: there is no"
            f" {project.relative(project.simulated_database)}.",
            remedy="Make one with `bursar simulate --catalog DIR`.",
            exit_code=ExitCode.WAREHOUSE_UNAVAILABLE,
        )
    with reading(project, project.simulated_database) as connection:
        yield connection


@contextmanager
def reading(project: Project, path: Path) -> Iterator[DuckDBPyConnection]:
    """A read-only connection to a warehouse file."""
    import duckdb

    try:
        # The link is followed here: DuckDB would take a second connection by the link's name for
        # the first one's file, also after the link has moved on.
        connection = duckdb.connect(str(path.resolve()), read_only=True)
    except duckdb.Error as error:
        raise cannot_open(project, path, error) from error
    try:
        connection.execute("set timezone = 'UTC'")
        connection.execute("set python_enable_replacements = false")
        # DuckDB would draw it on stdout, among the rows.
        connection.execute("set enable_progress_bar = false")
        found = connection.execute("select distinct schema_name from duckdb_schemas()").fetchall()
        known = [schema for schema in SCHEMAS if (schema,) in found]
        if known:
            connection.execute(f"set search_path = '{','.join(known)}'")
        yield connection
    finally:
        connection.close()


def checkpoint(project: Project) -> None:
    """Opens the build's file for writing and settles it: the file alone is then the database.

    Raises:
        BursarError: Another process has it open, or it is no database; exit code 3.
    """
    with writing(project) as connection:
        connection.execute("checkpoint")


@contextmanager
def writing(project: Project) -> Iterator[DuckDBPyConnection]:
    """A connection to the build's file that may write. Only for the holder of the build lock.

    Raises:
        BursarError: Another process has it open, or it is no database; exit code 3.
    """
    import duckdb

    path = project.build_database
    try:
        with duckdb.connect(str(path)) as connection:
            yield connection
    except duckdb.Error as error:
        raise cannot_open(project, path, error) from error


def cannot_open(project: Project, path: Path, error: Exception) -> BursarError:
    """The words for a database file that DuckDB refuses to open."""
    shown = project.relative(path)
    text = str(error)
    if failures.is_disk_full(error):
        reason = failures.reason(project.warehouse, error)
        return BursarError(
            f"{shown} could not be written, and nothing was published: {reason}.",
            remedy=failures.remedy(project.warehouse, error),
        )
    if "lock" in text.lower():
        owner = re.search(r"held in (.+? \(PID \d+\))", text)
        return BursarError(
            f"{shown} is open in another process{f': {owner[1]}' if owner else ''}.",
            remedy="Close it there. Read warehouse/published.duckdb instead, which no build needs.",
            exit_code=ExitCode.WAREHOUSE_UNAVAILABLE,
        )
    return BursarError(
        f"{shown} cannot be opened: {text.splitlines()[0]}",
        remedy="It is derived from your files: delete it and run `bursar build`.",
        exit_code=ExitCode.WAREHOUSE_UNAVAILABLE,
    )
