"""The in-memory DuckDB that a landing works in.

Owns its limits and settings, and the two ways out of a query: rows, or an Arrow table. Nothing of
it outlives the command.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

MEMORY_LIMIT = "2GB"


@contextmanager
def open_engine(
    spill: Path | None = None, memory_limit: str = MEMORY_LIMIT
) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database in memory, in UTC.

    Args:
        spill: A folder for what does not fit into the memory limit; without one, that is an error.
        memory_limit: How much it may hold; `1GB` and the like.
    """
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory_limit,
        "temp_directory": str(spill) if spill else "",
    }
    connection = duckdb.connect(":memory:", config=settings)
    try:
        # DuckDB would draw it on stdout, among the data of a command.
        run(connection, "set enable_progress_bar = false")
        run(connection, "set TimeZone = 'UTC'")
        # The default, but relied on: without it a sorted table would be written to Parquet in any
        # order.
        run(connection, "set preserve_insertion_order = true")
        yield connection
    finally:
        connection.close()


def run(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[Any] = ()
) -> list[tuple[Any, ...]]:
    """All rows of one statement. DuckDB 2 wants every result read to its end before the next."""
    return connection.execute(sql, list(parameters)).fetchall()


def fetch(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[Any] = ()
) -> pa.Table:
    """All rows of one statement as an Arrow table."""
    return connection.sql(sql, params=list(parameters)).to_arrow_table()


def quote(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def file_list(paths: Sequence[Path]) -> str:
    """Paths as an SQL list literal, for `read_parquet`."""
    return "[" + ", ".join(quote(str(path)) for path in paths) + "]"
