"""A quick project that bills $1 for every event of a month: for runs that are called very often.

A month's invoice is due from the second of the next month on, and read from the ledger once it is
final. Its models have the columns of the real marts, and read landed events and the ledger with the
package's own macros. So in every whole version invoices, lines and accepted events add up.
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import yaml

from bursar.project import Project
from bursar.warehouse.run_state import as_text
from tests.support.landing import line
from tests.support.small_project import ROOT, small_project

EVENTS_A_MONTH = 6
_FIRST_YEAR = 2026
_KEPT = """
with run as (
    select as_of from {{{{ ref('stg_run') }}}}
),

final as (
    select kept.*
    from ({{{{ ledger_rows('{kind}', {columns}) }}}}) as kept
    {join}
),

drafts as (
    select {drafted}
    from {{{{ ref('usage') }}}} as usage
    {group}
)

select * from final
union all by name
select * from drafts where invoice_id not in (select invoice_id from final)
"""
_USAGE = """
select
    'k:usage:' || strftime(landed."timestamp", '%Y-%m-01') as invoice_id,
    date_trunc('month', landed."timestamp")::timestamp as period_start,
    landed.transaction_id
from ({{ bursar.landed_events() }}) as landed
where landed.received_at <= (select as_of from {{ ref('stg_run') }})
"""
_IS_FINAL = "inner join run on kept.finalized_at <= run.as_of"
# What the ledger does not keep of an invoice, since it changes later.
_SAID_LATER = {"status": "'finalized'", "voided_at": "null", "void_reason": "null"}
_OF_INVOICE = {
    "invoice_id": "usage.invoice_id",
    "invoice_type": "'usage'",
    "status": "'draft'",
    "revision": "1",
    "contract_id": "'k'",
    "customer_id": "'acme'",
    "customer_name": "'Acme'",
    "period_start": "min(usage.period_start)",
    "period_end": "min(usage.period_start) + interval 1 month",
    "issued_at": "min(usage.period_start) + interval 1 month + interval 1 day",
    "due_at": "min(usage.period_start) + interval 1 month + interval 1 day",
    "currency": "'USD'",
    "subtotal": "count(*)",
    "balance_applied": "0",
    "rounding": "0",
    "total": "count(*)",
    "line_item_count": "count(*)",
}
_OF_LINE = {
    "line_item_id": "usage.invoice_id || ':' || usage.transaction_id",
    "invoice_id": "usage.invoice_id",
    "line_number": "row_number() over (partition by invoice_id order by transaction_id)",
    "contract_id": "'k'",
    "customer_id": "'acme'",
    "line_type": "'usage'",
    "quantity": "1",
    "unit_price": "1",
    "amount": "1",
    "pricing_unit": "'USD'",
    "is_summed": "true",
}
_NO_BALANCES = {
    "balance_segments": "select '' as commit_id, 1 as segment_number,"
    " timestamp '2026-01-01' as starting_at, null::timestamp as ending_before where false",
    "balance_reach": "select '' as contract_id, 1 as segment_number where false",
}


def monthly_books(root: Path) -> Project:
    """Makes the project in an empty folder, with an empty inbox."""
    (root / "macros").mkdir(parents=True)
    for macro in ("ledger_rows", "landed_events"):
        shutil.copy(ROOT / "macros" / f"{macro}.sql", root / "macros")
    invoices = _columns("invoices")
    kept = {name: kind for name, kind in invoices.items() if name not in _SAID_LATER}
    lines = _columns("invoice_line_items")
    project = small_project(
        root,
        {
            "staging/usage.sql": _USAGE,
            "staging/kept_invoices.sql": "select kept.*, 'finalized' as status"
            f" from ({{{{ ledger_rows('invoices', {kept}) }}}}) as kept",
            "marts/invoices.sql": _KEPT.format(
                kind="invoices",
                columns=kept,
                join=_IS_FINAL,
                drafted=_cast(invoices, _OF_INVOICE),
                group="group by usage.invoice_id",
            ).replace("select kept.*\n", f"select kept.*, {_cast(_said(invoices), _SAID_LATER)}\n"),
            "marts/invoice_line_items.sql": _KEPT.format(
                kind="line_items",
                columns=lines,
                join="inner join {{ ref('kept_invoices') }} as headers using (invoice_id)\n"
                "    inner join run on headers.finalized_at <= run.as_of",
                drafted=_cast(lines, _OF_LINE),
                group="",
            ),
            **{f"staging/{name}.sql": text for name, text in _NO_BALANCES.items()},
        },
    )
    (project.landing / "inbox").mkdir(parents=True)
    return project


def put_in_inbox(project: Project, month: int) -> None:
    """A month's events in two files, and a line that is none; months count from 0 on."""
    folder = project.landing / "inbox"
    stamp = as_text(run_instant(month - 1))
    events = [line(f"t{month}-{n}", timestamp=stamp) for n in range(EVENTS_A_MONTH)]
    half = EVENTS_A_MONTH // 2
    (folder / f"{month:03}-a.ndjson").write_bytes(b"\n".join(events[:half]) + b"\n")
    (folder / f"{month:03}-b.ndjson").write_bytes(b"\n".join([*events[half:], b"no JSON"]) + b"\n")


def run_instant(month: int) -> datetime:
    """When the month is over and its invoice due: the third of the month after."""
    return datetime(_FIRST_YEAR + (month + 1) // 12, (month + 1) % 12 + 1, 3, tzinfo=UTC)


def invoice_id(month: int) -> str:
    """The id of a month's invoice."""
    return f"k:usage:{run_instant(month - 1):%Y-%m}-01"


def _columns(mart: str) -> dict[str, str]:
    described = yaml.safe_load((ROOT / "models" / "marts" / f"{mart}.yml").read_text())
    return {column["name"]: column["data_type"] for column in described["models"][0]["columns"]}


def _said(columns: dict[str, str]) -> dict[str, str]:
    return {name: columns[name] for name in _SAID_LATER}


def _cast(columns: dict[str, str], values: dict[str, str]) -> str:
    return ", ".join(
        f"cast({values.get(name, 'null')} as {kind}) as {name}" for name, kind in columns.items()
    )
