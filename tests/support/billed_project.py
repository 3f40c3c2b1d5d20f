"""A quick project whose one invoice becomes final: for runs that are called, and killed, often.

Its invoice is due from 2 February 2026 on, and bills whatever has landed. Its models have the
columns of the real ones, and read the ledger with the package's own macro.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from bursar.project import Project
from tests.support.small_project import ROOT, mart_of, small_project

INVOICE_ID = "k:usage:2026-01-01"
_INVOICE = {
    "invoice_id": INVOICE_ID,
    "invoice_type": "usage",
    "status": "draft",
    "revision": "1",
    "contract_id": "k",
    "customer_id": "acme",
    "customer_name": "Acme",
    "period_start": "2026-01-01",
    "period_end": "2026-02-01",
    "issued_at": "2026-02-02",
    "due_at": "2026-02-02",
    "currency": "USD",
    "subtotal": "5",
    "balance_applied": "0",
    "rounding": "0",
    "total": "5",
    "line_item_count": "1",
}
_LINE = {
    "line_item_id": f"{INVOICE_ID}:1",
    "invoice_id": INVOICE_ID,
    "line_number": "1",
    "contract_id": "k",
    "customer_id": "acme",
    "line_type": "usage",
    "quantity": "5",
    "unit_price": "1",
    "amount": "5",
    "pricing_unit": "USD",
    "is_summed": "true",
}
# What the ledger does not keep of an invoice, since it changes later.
_SAID_LATER = ("status", "voided_at", "void_reason")
_INVOICES = """
with drafts as (
    {drafts}
),
kept as (
    {{{{ ledger_rows('invoices', {columns}) }}}}
),
run as (
    select as_of from {{{{ ref('stg_run') }}}}
),
final as (
    select kept.*, 'finalized' as status from kept, run where kept.finalized_at <= run.as_of
)
select * from drafts where invoice_id not in (select invoice_id from final)
union all by name
select * from final
"""


def billed_project(root: Path) -> Project:
    """Makes the project in an empty folder."""
    described = yaml.safe_load((ROOT / "models" / "marts" / "invoices.yml").read_text())
    columns = {
        column["name"]: column["data_type"]
        for column in described["models"][0]["columns"]
        if column["name"] not in _SAID_LATER
    }
    invoices = _INVOICES.format(drafts=mart_of("invoices", [_INVOICE]), columns=columns)
    (root / "macros").mkdir(parents=True)
    shutil.copy(ROOT / "macros" / "ledger_rows.sql", root / "macros")
    return small_project(
        root,
        {
            "marts/invoices.sql": invoices,
            "marts/invoice_line_items.sql": mart_of("invoice_line_items", [_LINE]),
            "staging/balance_segments.sql": "select '' as commit_id, 1 as segment_number,"
            " timestamp '2026-01-01' as starting_at, null::timestamp as ending_before where false",
            "staging/balance_reach.sql": "select '' as contract_id, 1 as segment_number"
            " where false",
        },
    )
