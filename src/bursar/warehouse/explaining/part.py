"""One part of an explanation: a title and a query that sees the lines that are explained.

Owns the lines as every query sees them: one line, or all of an invoice, which then takes as many
queries as one line does. It leaves the queries to their modules.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bursar.errors import BursarError, ExitCode

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Row = dict[str, Any]

_LINES = """
create or replace temp table explained_lines as
select
    invoice_line_items.*,
    invoices.invoice_type,
    invoices.status,
    invoices.period_start,
    invoices.period_end,
    invoices.currency,
    invoices.finalized_at,
    invoices.corrects_invoice_id
from billing.invoice_line_items
inner join billing.invoices on invoice_line_items.invoice_id = invoices.invoice_id
where {condition}
"""
_SLICES = """
create or replace temp table explained_slices as
select
    product_slices.*,
    line.line_item_id,
    line.line_type,
    line.pricing_group_values,
    line.presentation_group_values
from explained_lines as line
inner join work.product_slices
    on line.contract_id = product_slices.contract_id
    and line.product_id = product_slices.product_id
    and line.period_start = product_slices.period_start
    and line.starting_at = product_slices.slice_start
where line.line_type in ('usage', 'flat_fee')
"""
# What the models make of the same invoice: its lines, if it is a draft; if it is finalized, what
# they would be today, under the same ids.
_CURRENT = """
create or replace temp table current_lines as
select * from work.invoice_lines where invoice_id = $invoice_id
union all by name
select * from work.as_if_lines where invoice_id = $invoice_id
"""
# A charge is cut by what pays for it, and each piece is a line: here are all of them again. What a
# balance paid has the tier of its own price, and remembers that of the charge.
_CHARGES = """
create or replace temp table explained_charges as
select
    line.line_item_id,
    charges.*
from explained_lines as line
inner join current_lines as lines on line.line_item_id = lines.line_item_id
inner join work.balance_charges as charges
    on line.contract_id = charges.contract_id
    and line.invoice_type = charges.invoice_type
    and line.period_start = charges.period_start
    and lines.is_as_if = charges.is_as_if
    and lines.charge_type = charges.line_type
    and line.product_id = charges.product_id
    and line.starting_at = charges.slice_start
    and line.pricing_unit = charges.pricing_unit
    and line.pricing_group_values is not distinct from charges.pricing_group_values
    and line.presentation_group_values is not distinct from charges.presentation_group_values
    and line.subscription_id is not distinct from charges.subscription_id
    and case when line.commit_id is null then line.tier_start else lines.charged_tier_start end
        is not distinct from charges.tier_start
    -- A composite may have several shares at once; only usage is paid at other prices.
    and (charges.line_type = 'usage' or line.unit_price = charges.unit_price)
"""
_SEEN = """
with line as (
    select * from explained_lines where list_contains($line_types, line_type)
),

slice as (
    select * from explained_slices where list_contains($line_types, line_type)
)

"""
# A dated charge is on one invoice that stands; beside it may be void ones, and corrections of it.
STANDING_LINES = """
, standing_lines as (
    select invoice_line_items.*
    from billing.invoice_line_items
    inner join billing.invoices
        on invoice_line_items.invoice_id = invoices.invoice_id
        and invoices.status <> 'void'
        and invoices.invoice_type <> 'correction'
)
"""


@dataclass(frozen=True)
class Part:
    """One part of an explanation.

    Args:
        name: As programs know it.
        title: What it shows, for people.
        query: After the CTEs `line` and `slice`, which have a row per explained line; its rows
            say in `explains` which line they are about.
    """

    name: str
    title: str
    query: str


def same_groups(left: str, right: str) -> str:
    """Whether two relations' rows are of the same group values, as a join condition."""
    return (
        f"{left}.pricing_group_values is not distinct from {right}.pricing_group_values"
        f" and {left}.presentation_group_values"
        f" is not distinct from {right}.presentation_group_values"
    )


def set_line(connection: DuckDBPyConnection, line_item_id: str) -> list[Row]:
    """Makes one line what the parts explain; its row, or none if there is no such line."""
    return _set(connection, "invoice_line_items.line_item_id = ?", line_item_id)


def set_invoice(connection: DuckDBPyConnection, invoice_id: str) -> list[Row]:
    """Makes an invoice's lines what the parts explain; their rows in order."""
    return _set(connection, "invoice_line_items.invoice_id = ?", invoice_id)


def rows_of(
    connection: DuckDBPyConnection, query: str, line_types: Collection[str]
) -> dict[str, list[Row]]:
    """A part's rows by column name, for each line of some types that it has any for."""
    found: dict[str, list[Row]] = {}
    for row in _rows(connection, _SEEN + query, {"line_types": list(line_types)}):
        found.setdefault(row.pop("explains"), []).append(row)
    return found


def _set(connection: DuckDBPyConnection, condition: str, identity: str) -> list[Row]:
    connection.execute(_LINES.format(condition=condition), [identity])
    lines = _rows(connection, "select * from explained_lines order by line_number", {})
    invoice_id = lines[0]["invoice_id"] if lines else None
    connection.execute(_SLICES)
    connection.execute(_CURRENT, {"invoice_id": invoice_id})
    connection.execute(_CHARGES)
    return lines


def _rows(connection: DuckDBPyConnection, query: str, values: dict[str, Any]) -> list[Row]:
    import duckdb

    try:
        cursor = connection.execute(query, values)
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        raise BursarError(
            "The published warehouse was built by another version of Bursar.",
            remedy="Build it anew: `bursar build`.",
            exit_code=ExitCode.WAREHOUSE_UNAVAILABLE,
        ) from error
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
