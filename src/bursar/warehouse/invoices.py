"""Invoices as the published warehouse has them.

Owns the queries behind `bursar invoice list` and `show`. It leaves what an invoice is to the
models, and how it looks to `bursar.cli`.
"""

from __future__ import annotations

from dataclasses import dataclass

from bursar.project import Project
from bursar.warehouse import database
from bursar.warehouse.answers import Row, Rows, ask, check_known

_INVOICES = "billing.invoices"


@dataclass(frozen=True)
class Filters:
    """Which invoices to list; what is not given does not filter."""

    status: str | None = None
    customer_id: str | None = None
    contract_id: str | None = None
    invoice_type: str | None = None


@dataclass(frozen=True)
class Invoice:
    """One invoice: its row of `invoices`, and its rows of `invoice_line_items` in order."""

    header: Row
    lines: Rows


def list_invoices(project: Project, filters: Filters) -> Rows:
    """Invoices in order of time, with every column of the mart.

    Raises:
        BursarError: There is no published warehouse (3), or it knows no such customer or contract
            (1).
    """
    with database.published(project) as connection:
        check_known(connection, _INVOICES, "customer_id", filters.customer_id, "invoice")
        check_known(connection, _INVOICES, "contract_id", filters.contract_id, "invoice")
        given = {name: value for name, value in vars(filters).items() if value is not None}
        where = " and ".join(f"{name} = ?" for name in given) or "true"
        return ask(
            connection,
            f"select * from billing.invoices where {where}"
            " order by period_start, customer_id, invoice_id",
            list(given.values()),
        )


def read_invoice(project: Project, invoice_id: str) -> Invoice:
    """One invoice with its lines.

    Raises:
        BursarError: There is no published warehouse (3), or it has no such invoice (1).
    """
    with database.published(project) as connection:
        check_known(connection, _INVOICES, "invoice_id", invoice_id, "invoice")
        found = ask(connection, "select * from billing.invoices where invoice_id = ?", [invoice_id])
        lines = ask(
            connection,
            "select * from billing.invoice_line_items where invoice_id = ? order by line_number",
            [invoice_id],
        )
    return Invoice(header=found.as_dicts()[0], lines=lines)
