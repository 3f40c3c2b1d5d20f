"""Invoices as the published warehouse has them.

Owns the queries behind `bursar invoice list` and `show`. It leaves what an invoice is to the
models, and how it looks to `bursar.cli`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bursar.errors import BursarError
from bursar.project import Project
from bursar.warehouse import database

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

NEAREST_MAX = 3

Row = dict[str, Any]


@dataclass(frozen=True)
class Filters:
    """Which invoices to list; what is not given does not filter."""

    status: str | None = None
    customer_id: str | None = None
    contract_id: str | None = None
    invoice_type: str | None = None


@dataclass(frozen=True)
class Rows:
    """A query's answer: column names and rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def as_dicts(self) -> list[Row]:
        """Each row by column name."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


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
        _check_exists(connection, "customer_id", filters.customer_id)
        _check_exists(connection, "contract_id", filters.contract_id)
        given = {name: value for name, value in vars(filters).items() if value is not None}
        where = " and ".join(f"{name} = ?" for name in given) or "true"
        return _query(
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
        _check_exists(connection, "invoice_id", invoice_id)
        found = _query(
            connection, "select * from billing.invoices where invoice_id = ?", [invoice_id]
        )
        lines = _query(
            connection,
            "select * from billing.invoice_line_items where invoice_id = ? order by line_number",
            [invoice_id],
        )
    return Invoice(header=found.as_dicts()[0], lines=lines)


def _query(connection: DuckDBPyConnection, query: str, values: Sequence[Any] = ()) -> Rows:
    cursor = connection.execute(query, list(values))
    columns = tuple(column[0] for column in cursor.description or ())
    return Rows(columns=columns, rows=tuple(cursor.fetchall()))


def _check_exists(connection: DuckDBPyConnection, column: str, value: str | None) -> None:
    """Raises when no invoice has an id, naming the nearest: those that begin with it first."""
    if value is None:
        return
    asked = f"select 1 from billing.invoices where {column} = ? limit 1"
    if _query(connection, asked, [value]).rows:
        return
    nearest = _query(
        connection,
        f"select {column} from billing.invoices where {column} is not null group by {column}"
        f" order by starts_with({column}, ?) desc, jaro_winkler_similarity({column}, ?) desc,"
        f" {column} limit {NEAREST_MAX}",
        [value, value],
    ).rows
    kind = column.removesuffix("_id")
    what = "no invoice" if kind == "invoice" else f"no invoice of a {kind}"
    raise BursarError(
        f"There is {what} {value} in the published warehouse.",
        remedy=f"Nearest: {', '.join(row[0] for row in nearest)}."
        if nearest
        else "It holds no invoices at all: see `bursar doctor`.",
    )
