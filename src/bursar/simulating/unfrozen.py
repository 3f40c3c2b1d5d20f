"""A ledger in which nothing is final, and void invoices stay void.

History is rated anew as if nothing had been finalized: frozen amounts and draws would stand in for
the ones that are asked for. But that a period is not billed at all, because its invoice was voided
and never made anew, was somebody's decision, and no price changes it. Owns that ledger's rows and
files.
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from bursar.project import Project

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_STEM = "void"
# Periods and dates whose only invoices are void; one that was regenerated has a draft or more.
_VOID_FOR_GOOD = """
    select invoices.*
    from before.billing.invoices as invoices
    semi join (
        select contract_id, invoice_type, period_start
        from before.billing.invoices
        where invoice_type <> 'correction'
        group by all
        having bool_and(status = 'void')
    ) as periods
        on invoices.contract_id = periods.contract_id
        and invoices.invoice_type = periods.invoice_type
        and invoices.period_start = periods.period_start
"""
_KINDS = {
    "invoices": f"""
        select * exclude (status, voided_at, void_reason)
        from ({_VOID_FOR_GOOD}) order by invoice_id
    """,
    "line_items": f"""
        select lines.*
        from before.billing.invoice_line_items as lines
        semi join ({_VOID_FOR_GOOD}) as invoices on lines.invoice_id = invoices.invoice_id
        order by lines.invoice_id, lines.line_number
    """,
    "voids": f"""
        select invoice_id, voided_at, void_reason, false as is_regenerated
        from ({_VOID_FOR_GOOD}) order by invoice_id
    """,
}


def write_ledger(connection: DuckDBPyConnection, workspace: Project) -> None:
    """Gives a side that ledger.

    Args:
        connection: With the warehouse attached as `before` whose void invoices count.
        workspace: The side's project.
    """
    shutil.rmtree(workspace.ledger, ignore_errors=True)
    if not connection.execute(f"{_VOID_FOR_GOOD} limit 1").fetchall():
        return
    (workspace.ledger / "batches").mkdir(parents=True)
    files = []
    for kind, query in _KINDS.items():
        path = workspace.ledger / kind / f"{_STEM}.parquet"
        path.parent.mkdir()
        quoted = str(path).replace("'", "''")
        connection.execute(f"copy ({query}) to '{quoted}' (format parquet)")
        files.append({"kind": kind, "path": workspace.relative(path)})
    manifest = workspace.ledger / "batches" / f"{_STEM}.json"
    manifest.write_text(json.dumps({"files": files}) + "\n", encoding="utf-8")


def has_drift(connection: DuckDBPyConnection) -> bool:
    """Whether a finalized invoice of `before` would be another one today."""
    return bool(connection.execute("select 1 from before.billing.invoice_drift limit 1").fetchall())
