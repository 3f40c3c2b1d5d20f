"""`bursar ledger verify`: is every finalized invoice what it was, to the last byte?

Recomputes the hash of every file, and the hashes of every row and invoice. Owns what is compared
and the words for what differs. It leaves the chain of batches to `bursar.ledger.chain`, and the
rows' form to `bursar.ledger.rows`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bursar.errors import Diagnostic
from bursar.ledger import rows
from bursar.ledger.batches import FIRST, Batch, file_hash
from bursar.ledger.chain import named, read_chain
from bursar.project import Project

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_ROW_OF = {
    "invoices": "invoice_id",
    "line_items": "invoice_id || ', line ' || line_item_id",
    "draws": "invoice_id || ', draw on ' || commit_id",
    "voids": "invoice_id || ', its void'",
}


@dataclass(frozen=True)
class Verified:
    """What a verification has found.

    Args:
        batches: How many batches there are.
        invoices: How many invoices.
        last_hash: The hash of the last batch, which stands for all; note it down elsewhere, and
            nobody can replace the whole ledger unseen.
        problems: What differs, in order of the chain.
    """

    batches: int
    invoices: int
    last_hash: str
    problems: tuple[Diagnostic, ...]


def verify(project: Project) -> Verified:
    """Recomputes every hash of a ledger."""
    batches, problems = read_chain(project)
    import duckdb

    with duckdb.connect(":memory:") as connection:
        for batch in batches:
            problems += list(_batch_problems(project, connection, batch))
    invoices = {i for batch in batches if batch.kind != "void" for i in batch.invoices}
    last = batches[-1].hash if batches else FIRST
    return Verified(len(batches), len(invoices), last, tuple(problems))


def _batch_problems(
    project: Project, connection: DuckDBPyConnection, batch: Batch
) -> Iterator[Diagnostic]:
    """The first row of each file that is not what was written; else the file, if it is not."""
    import duckdb

    for file in batch.files:
        path = project.root / file.path
        if not path.exists():
            message = f"The file is gone; it holds {file.kind} of {named(batch)}."
            yield Diagnostic(file.path, 0, 0, "file-missing", message)
            continue
        if file_hash(path) == file.sha256:
            continue
        try:
            row = _first_changed_row(connection, str(path), file.kind)
        # DuckDB quotes what it could not read, which need not be text.
        except (duckdb.Error, UnicodeDecodeError) as error:
            row, why = "", f" It cannot be read: {str(error).splitlines()[0]}"
        else:
            why = " None of its rows is."
        message = (
            f"The first row that was changed: {row}. The file holds {file.kind} of {named(batch)}."
            if row
            else f"The file is not what was written.{why} It holds {file.kind} of {named(batch)}."
        )
        yield Diagnostic(file.path, 0, 0, "row-changed" if row else "file-changed", message)
    yield from _content_problems(project, connection, batch)


def _first_changed_row(connection: DuckDBPyConnection, path: str, kind: str) -> str:
    quoted = "'" + path.replace("'", "''") + "'"
    relation = f"read_parquet({quoted})"
    found = connection.execute(
        f"select {_ROW_OF[kind]} from {relation}"
        f" where row_hash is distinct from {rows.row_hash(connection, relation)} limit 1"
    ).fetchall()
    return str(found[0][0]) if found else ""


def _content_problems(
    project: Project, connection: DuckDBPyConnection, batch: Batch
) -> Iterator[Diagnostic]:
    """Invoices whose rows, whatever they say of themselves, are not those of the manifest."""
    import duckdb

    if batch.kind == "void":
        return
    places = {file.kind: project.root / file.path for file in batch.files}
    relations = {
        kind: "select invoice_id, row_hash from read_parquet('{}')".format(
            str(places[kind]).replace("'", "''")
        )
        if kind in places
        else rows.NOTHING
        for kind in rows.INVOICE_KINDS
    }
    try:
        found = dict(connection.execute(rows.content_hashes(relations)).fetchall())
    except (duckdb.Error, UnicodeDecodeError):
        # What cannot be read has been told of.
        return
    for invoice_id, promised in batch.invoices.items():
        if found.pop(invoice_id, "") != promised:
            message = f"{invoice_id} is not what was finalized: its content hash differs."
            yield _problem(batch, "invoice-changed", message)
    for invoice_id in found:
        message = f"{invoice_id} was put in: the manifest does not list it."
        yield _problem(batch, "invoice-added", message)


def _problem(batch: Batch, name: str, message: str) -> Diagnostic:
    return Diagnostic(f"ledger/batches/{batch.batch_id}.json", 0, 0, name, message)
