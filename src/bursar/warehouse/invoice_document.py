"""One invoice with everything that is said about it, as an export has it.

Owns the reading: its header and lines, what explains each line, its balances, its corrections. An
invoice of thousands of lines takes as many queries as one of three. It leaves what explains a line
to `bursar.warehouse.explaining`, and how a document looks to `bursar.cli`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bursar.project import Project
from bursar.warehouse import database
from bursar.warehouse.answers import Row, ask, check_known
from bursar.warehouse.explaining.part import set_invoice
from bursar.warehouse.explaining.parts import CHANGES, parts_of
from bursar.warehouse.explaining.total_parts import SUMMED_LINES
from bursar.warehouse.explaining.usage_parts import DAYS, LINES_OF_THE_SLICE

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Of these `bursar invoice explain` has more to say: days are many, other lines stand in the
# document already, and what changed since is no part of what was said.
_LEFT_OUT = frozenset({DAYS, LINES_OF_THE_SLICE, SUMMED_LINES, *CHANGES})
_HEADER = "select * from billing.invoices where invoice_id = ?"
# Today's catalog may have neither, for an invoice that was finalized long ago.
_PARTIES = """
    select
        customers.billing_provider,
        customers.billing_provider_customer_id,
        contracts.contract_name,
        contracts.net_payment_terms_days
    from billing.invoices
    left join work.stg_customers as customers on invoices.customer_id = customers.customer_id
    left join work.stg_contracts as contracts on invoices.contract_id = contracts.contract_id
    where invoices.invoice_id = ?
"""
# What an invoice drew stands on its lines for good; what was left around it, in the ledger of
# balances, as long as the invoice stands.
_BALANCES = """
    with drawn as (
        select
            lines.invoice_id,
            lines.commit_id,
            lines.commit_segment_starting_at as segment_starting_at,
            lines.commit_type,
            lines.pricing_unit,
            cast(sum(lines.amount) as decimal(38, 12)) as applied
        from billing.invoice_line_items as lines
        where
            lines.invoice_id = ?
            and lines.commit_segment_starting_at is not null
            and lines.line_type <> 'commit_applied'
        group by all
    )

    select
        drawn.commit_id,
        balances.commit_name,
        drawn.commit_type,
        drawn.segment_starting_at,
        balances.segment_ending_before,
        drawn.pricing_unit,
        cast(entries.running_balance - entries.amount as decimal(38, 12)) as balance_before,
        drawn.applied,
        entries.running_balance as balance_after,
        entries.is_provisional
    from drawn
    left join billing.balances
        on drawn.commit_id = balances.commit_id
        and drawn.segment_starting_at = balances.segment_starting_at
    left join billing.balance_ledger as entries
        on drawn.invoice_id = entries.invoice_id
        and drawn.commit_id = entries.commit_id
        and drawn.segment_starting_at = entries.segment_starting_at
    order by drawn.commit_type, drawn.commit_id, drawn.segment_starting_at
"""
_CORRECTIONS = """
    select
        invoice_id,
        status,
        finalized_at,
        total,
        voided_at,
        void_reason
    from billing.invoices
    where corrects_invoice_id = ?
    order by finalized_at, invoice_id
"""


@dataclass(frozen=True)
class DocumentLine:
    """A line, with the rows that explain it by the part's name."""

    row: Row
    parts: Mapping[str, tuple[Row, ...]]


@dataclass(frozen=True)
class Document:
    """An invoice and what is said about it.

    Args:
        header: Its row of `invoices`.
        parties: What the catalog says of its customer and contract today; null where it is silent.
        line_columns: The columns of `invoice_line_items`, in order.
        lines: Its lines in order.
        balances: What it drew from each segment, and what was left there before and after.
        corrections: The corrections of it, in order of time.
        as_of: The instant that the warehouse is of.
    """

    header: Row
    parties: Row
    line_columns: tuple[str, ...]
    lines: tuple[DocumentLine, ...]
    balances: tuple[Row, ...]
    corrections: tuple[Row, ...]
    as_of: datetime


def read_document(project: Project, invoice_id: str) -> Document:
    """One invoice with everything that an export says.

    Raises:
        BursarError: There is no published warehouse (3), or it has no such invoice (1).
    """
    with database.published_as_built(project) as connection:
        check_known(connection, "billing.invoices", "invoice_id", invoice_id, "invoice")
        [(as_of,)] = ask(connection, "select as_of from billing.build_info").rows
        columns = ask(connection, "select * from billing.invoice_line_items limit 0").columns
        return Document(
            header=_one(
                connection, "select * from billing.invoices where invoice_id = ?", invoice_id
            ),
            parties=_one(connection, _PARTIES, invoice_id),
            line_columns=columns,
            lines=_lines(connection, invoice_id),
            balances=tuple(ask(connection, _BALANCES, [invoice_id]).as_dicts()),
            corrections=tuple(ask(connection, _CORRECTIONS, [invoice_id]).as_dicts()),
            as_of=as_of,
        )


def _one(connection: DuckDBPyConnection, query: str, invoice_id: str) -> Row:
    return ask(connection, query, [invoice_id]).as_dicts()[0]


def _lines(connection: DuckDBPyConnection, invoice_id: str) -> tuple[DocumentLine, ...]:
    rows = set_invoice(connection, invoice_id)
    parts = parts_of(connection, rows, leave_out=_LEFT_OUT)
    return tuple(
        DocumentLine(row, {part.name: part.rows for part in parts[row["line_item_id"]]})
        for row in rows
    )
