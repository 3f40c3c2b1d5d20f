"""The rows of the ledger's files, and the hashes that prove them.

Every row carries `row_hash`, the SHA-256 of its columns' names and values as JSON text; an
invoice's `content_hash` is that of the row hashes of its header, its lines and its draws. Both are
made of what a file itself holds, whatever columns later versions add. Owns that form. It leaves
which rows are written to those who write them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Of an invoice's own row, what is said of the whole is no part of it.
_NOT_HASHED = ("row_hash", "content_hash")
INVOICE_KINDS = ("invoices", "line_items", "draws")
NOTHING = "select null::varchar as invoice_id, null::varchar as row_hash where false"


def add_row_hashes(connection: DuckDBPyConnection, relation: str) -> None:
    """Makes a table's rows carry `row_hash`."""
    connection.execute(
        f"create or replace temp table {relation} as"
        f" select *, {row_hash(connection, relation)} as row_hash from {relation}"
    )


def row_hash(connection: DuckDBPyConnection, relation: str) -> str:
    """The expression of a relation's row hash."""
    columns = [row[0] for row in connection.execute(f"describe from {relation}").fetchall()]
    parts = ", ".join(
        f"'{name}': cast({name} as varchar)" for name in columns if name not in _NOT_HASHED
    )
    return f"sha256(to_json({{{parts}}}))"


def content_hashes(relations: dict[str, str]) -> str:
    """A query of each invoice's content hash, from relations with `invoice_id` and `row_hash`.

    Args:
        relations: For each of `INVOICE_KINDS`, where its rows are.
    """
    rows = " union all ".join(
        f"select {place} as kind, invoice_id, row_hash from ({relations[kind]})"
        for place, kind in enumerate(INVOICE_KINDS)
    )
    return (
        "select invoice_id,"
        " sha256(string_agg(row_hash, ',' order by kind, row_hash)) as content_hash"
        f" from ({rows}) group by invoice_id"
    )


def write(connection: DuckDBPyConnection, query: str, path: Path) -> None:
    """Writes a query's rows to a Parquet file."""
    quoted = str(path).replace("'", "''")
    connection.execute(f"copy ({query}) to '{quoted}' (format parquet, compression zstd)")
