"""Invoices into the ledger, with their lines and draws, as one batch.

Owns what a batch of invoices holds. It leaves which invoices to those who finalize and correct, the
rows' form to `bursar.ledger.rows`, and the commit to `bursar.ledger.commit`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bursar.ledger import rows
from bursar.ledger.batches import Batch
from bursar.ledger.commit import commit, next_batch, staging_folder
from bursar.project import Project
from bursar.warehouse import run_state

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# What each segment paid, as the lines say it.
_DRAWS = """
    select
        invoice_id, commit_id, commit_segment_starting_at as segment_starting_at,
        cast(-sum(amount) as decimal(38, 12)) as amount
    from line_items
    where line_type = 'commit_applied'
    group by all
"""


def append_invoices(
    project: Project,
    connection: DuckDBPyConnection,
    batches: Sequence[Batch],
    kind: str,
    at: datetime,
) -> Batch:
    """Appends the invoices of the temporary tables `headers` and `line_items`.

    Args:
        project: Whose ledger.
        connection: Where the tables are, with the columns of the marts.
        batches: Those that stand.
        kind: What the batch does: ``finalize`` or ``correct``.
        at: The instant it is of, in UTC without a zone.
    """
    batch = next_batch(batches, kind, run_state.as_text(at.replace(tzinfo=UTC)))
    folder = staging_folder(project, batch)
    connection.execute(f"create temp table draws as {_DRAWS}")
    for table in ("headers", "line_items", "draws"):
        rows.add_row_hashes(connection, table)
    hashes = rows.content_hashes(
        {"invoices": "from headers", "line_items": "from line_items", "draws": "from draws"}
    )
    connection.execute(f"create temp table content_hashes as {hashes}")
    ordered = {
        "invoices": "from headers inner join content_hashes using (invoice_id) order by invoice_id",
        "line_items": "from line_items order by invoice_id, line_number",
        "draws": "from draws order by all",
    }
    counts = {}
    for name, query in ordered.items():
        rows.write(connection, query, folder / f"{name}.parquet")
        [(counts[name],)] = connection.execute(f"select count(*) from ({query})").fetchall()
    content = dict(connection.execute("from content_hashes").fetchall())
    return commit(project, batch, folder, counts, content)
