"""What a published warehouse holds, in a few figures.

Owns the queries behind the words that a build ends with. It leaves the marts to the models, and the
words to `bursar.cli`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bursar.project import Project
from bursar.warehouse import database

FINDINGS = (
    "rejected_events",
    "duplicate_events",
    "unmatched_events",
    "unmetered_events",
    "unrated_usage",
)


@dataclass(frozen=True)
class InvoiceTotal:
    """How many invoices of a status and currency there are, and what they add up to."""

    status: str
    currency: str
    invoice_count: int
    total: Decimal


@dataclass(frozen=True)
class Summary:
    """The figures.

    Args:
        invoices: By status and currency, in order.
        findings: Rows of each table of findings that the warehouse has.
    """

    invoices: tuple[InvoiceTotal, ...]
    findings: dict[str, int]


def summarize(project: Project) -> Summary:
    """Reads the figures from the published warehouse; what it has no table for is left out."""
    with database.published(project) as connection:
        tables = {
            name
            for (name,) in connection.execute(
                "select table_name from duckdb_tables() where schema_name = 'billing'"
            ).fetchall()
        }
        invoices: tuple[InvoiceTotal, ...] = ()
        if "invoices" in tables:
            rows = connection.execute(
                "select status, currency, count(*), sum(total) from billing.invoices"
                " group by status, currency order by status, currency"
            ).fetchall()
            invoices = tuple(InvoiceTotal(*row) for row in rows)
        findings = {
            name: _count(connection.execute(f"select count(*) from billing.{name}").fetchall())
            for name in FINDINGS
            if name in tables
        }
    return Summary(invoices=invoices, findings=findings)


def _count(rows: list[tuple[int]]) -> int:
    return rows[0][0]
