"""One part of an explanation: a title and a query that sees the line.

Owns the line as every query sees it. It leaves the queries to their modules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Row = dict[str, Any]

LINE = """
with line as (
    select
        invoice_line_items.*,
        invoices.invoice_type,
        invoices.period_start,
        invoices.period_end,
        invoices.currency
    from billing.invoice_line_items
    inner join billing.invoices on invoice_line_items.invoice_id = invoices.invoice_id
    where invoice_line_items.line_item_id = $line_item_id
),

slice as (
    select
        product_slices.*,
        line.pricing_group_values,
        line.presentation_group_values
    from line
    inner join work.product_slices
        on line.contract_id = product_slices.contract_id
        and line.product_id = product_slices.product_id
        and line.period_start = product_slices.period_start
        and line.starting_at = product_slices.slice_start
)

"""
_SAME_GROUPS = """
    {left}.pricing_group_values is not distinct from {right}.pricing_group_values
    and {left}.presentation_group_values is not distinct from {right}.presentation_group_values
"""


@dataclass(frozen=True)
class Part:
    """One part of an explanation.

    Args:
        name: As programs know it.
        title: What it shows, for people.
        query: After the CTEs of `LINE`.
    """

    name: str
    title: str
    query: str


def same_groups(left: str, right: str) -> str:
    """Whether two relations' rows are of the same group values, as a join condition."""
    return _SAME_GROUPS.format(left=left, right=right)


def rows_of(connection: DuckDBPyConnection, query: str, line_item_id: str) -> list[Row]:
    """The query's rows by column name; it sees the line as the CTE `line`."""
    cursor = connection.execute(LINE + query, {"line_item_id": line_item_id})
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
