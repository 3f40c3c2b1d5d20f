"""Two warehouses held against each other: invoices, customers, totals, what has no price.

Owns the queries that bring both sides into one temporary table each, and the answers on them.
Everything is joined, grouped and added up by DuckDB. An invoice is the same on both sides if it is
the same contract's, of the same type, period and currency: ids differ by revision. Corrections
count with the invoice that they correct, and void invoices not at all. It leaves lines to
`bursar.simulating.line_changes`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bursar.warehouse.answers import Rows, ask

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Window:
    """Which periods count: those that begin in it. None leaves an end open."""

    start: datetime | None = None
    end: datetime | None = None

    def condition(self, column: str) -> str:
        """The window as SQL."""
        parts = ["true"]
        if self.start:
            parts.append(f"{column} >= {_literal(self.start)}")
        if self.end:
            parts.append(f"{column} < {_literal(self.end)}")
        return " and ".join(parts)


@contextmanager
def connected() -> Iterator[DuckDBPyConnection]:
    """A connection to no file yet."""
    import duckdb

    with duckdb.connect(":memory:") as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("set python_enable_replacements = false")
        connection.execute("set enable_progress_bar = false")
        yield connection


def attach(connection: DuckDBPyConnection, name: str, file: Path) -> None:
    """Opens a warehouse read-only under a name; a file that is replaced meanwhile stays open."""
    quoted = str(file.resolve()).replace("'", "''")
    connection.execute(f"attach '{quoted}' as {name} (read_only)")


def compare(connection: DuckDBPyConnection, window: Window, *, is_rerated: bool = False) -> None:
    """Makes the tables that the other functions ask: of the sides `before` and `after`.

    Args:
        connection: With both attached.
        window: Which periods count.
        is_rerated: Whether there is a side `rerated`, too, whose difference from `before` is
            `drift`; without it there is none.
    """
    for side in ("before", "after", "rerated") if is_rerated else ("before", "after"):
        connection.execute(f"create temp table {side}_invoices as {_invoices(side, window)}")
    drift = "coalesce(rerated.total, 0) - coalesce(before.total, 0)"
    if not is_rerated:
        connection.execute("create temp table rerated_invoices as from before_invoices where false")
        drift = "0"
    connection.execute(
        f"""
        create temp table compared_invoices as
        select
            customer_id,
            contract_id,
            invoice_type,
            period_start,
            currency,
            coalesce(before.invoice_id, after.invoice_id, rerated.invoice_id) as invoice_id,
            coalesce(before.customer_name, after.customer_name, rerated.customer_name)
                as customer_name,
            before.status,
            coalesce(before.period_end, after.period_end, rerated.period_end) as period_end,
            before.total as before,
            after.total as after,
            cast(coalesce(after.total, 0) - coalesce(before.total, 0) as decimal(38, 12))
                as difference,
            before.total is distinct from after.total
            or before.subtotal is distinct from after.subtotal as is_changed,
            cast({drift} as decimal(38, 12)) as drift,
            before.subtotal as subtotal_before,
            after.subtotal as subtotal_after,
            before.balance_applied as balance_applied_before,
            after.balance_applied as balance_applied_after
        from before_invoices as before
        full join after_invoices as after
            using (customer_id, contract_id, invoice_type, period_start, currency)
        full join rerated_invoices as rerated
            using (customer_id, contract_id, invoice_type, period_start, currency)
        """
    )
    connection.execute(f"create temp table unrated as {_unrated(window)}")


def _invoices(side: str, window: Window) -> str:
    """A side's invoices that stand, each with its corrections."""
    return f"""
        select
            invoices.customer_id,
            invoices.contract_id,
            coalesce(corrected.invoice_type, invoices.invoice_type) as invoice_type,
            invoices.period_start,
            invoices.currency,
            coalesce(
                min(invoices.invoice_id) filter (where corrected.invoice_id is null),
                min(corrected.invoice_id)
            ) as invoice_id,
            max(invoices.customer_name) as customer_name,
            min(invoices.status) as status,
            max(invoices.period_end) as period_end,
            cast(sum(invoices.subtotal) as decimal(38, 12)) as subtotal,
            cast(sum(invoices.balance_applied) as decimal(38, 12)) as balance_applied,
            cast(sum(invoices.total) as decimal(38, 12)) as total
        from {side}.billing.invoices as invoices
        left join {side}.billing.invoices as corrected
            on invoices.corrects_invoice_id = corrected.invoice_id
        where invoices.status <> 'void' and {window.condition("invoices.period_start")}
        group by all
    """


_UNRATED_KEY = (
    "customer_id, contract_id, product_id, period_start, pricing_group_values,"
    " presentation_group_values, subscription_id"
)


def _unrated(window: Window) -> str:
    """What has no price on the two sides, whatever slices a period is cut into."""
    sides = (
        f"""
        select
            {_UNRATED_KEY},
            max(product_name) as product_name,
            string_agg(distinct reason, ', ' order by reason) as reason,
            max(nearest_pricing_group_values) as nearest_pricing_group_values,
            cast(coalesce(sum(quantity), 0) as decimal(38, 12)) as quantity
        from {side}.billing.unrated_usage
        where {window.condition("period_start")}
        group by {_UNRATED_KEY}
        """
        for side in ("before", "after")
    )
    before, after = sides
    # A group may be null, and two nulls are the same group.
    same = " and ".join(
        f"before.{column} is not distinct from after.{column}"
        for column in _UNRATED_KEY.split(", ")
    )
    names = _UNRATED_KEY.split(", ")
    key = ", ".join(f"coalesce(after.{name}, before.{name}) as {name}" for name in names)
    return f"""
        select
            {key},
            coalesce(after.product_name, before.product_name) as product_name,
            coalesce(after.reason, before.reason) as reason,
            after.nearest_pricing_group_values,
            before.quantity as before,
            after.quantity as after
        from ({before}) as before
        full join ({after}) as after on {same}
        where before.quantity is distinct from after.quantity
    """


def by_invoice(
    connection: DuckDBPyConnection, *, only_changed: bool = False, rows_max: int | None = None
) -> Rows:
    """One row per invoice, the widest differences of each currency first."""
    return ask(
        connection,
        f"""
        select
            invoice_id, invoice_type, status, customer_id, customer_name, contract_id,
            period_start, period_end, currency,
            before, after, difference, drift,
            subtotal_before, subtotal_after, balance_applied_before, balance_applied_after
        from compared_invoices
        where is_changed or {"false" if only_changed else "true"}
        order by currency, abs(difference) desc, customer_id, period_start, invoice_id
        {f"limit {rows_max}" if rows_max is not None else ""}
        """,
    )


def by_customer(
    connection: DuckDBPyConnection, *, only_changed: bool = False, rows_max: int | None = None
) -> Rows:
    """One row per customer and currency, the widest differences of each currency first."""
    return ask(
        connection,
        f"""
        from (
            select customer_id, max(customer_name) as customer_name, currency, {_SUMS}
            from compared_invoices
            group by customer_id, currency
        )
        where invoices_changed > 0 or {"false" if only_changed else "true"}
        order by currency, abs(difference) desc, customer_id
        {f"limit {rows_max}" if rows_max is not None else ""}
        """,
    )


def by_currency(connection: DuckDBPyConnection) -> Rows:
    """One row per currency."""
    return ask(
        connection,
        f"""
        select
            currency,
            count(distinct customer_id) as customers,
            count(distinct customer_id) filter (where is_changed) as customers_changed,
            {_SUMS}
        from compared_invoices
        group by currency
        order by currency
        """,
    )


# A customer without an invoice on a side has null there, and nothing to add.
_SUMS = """
    count(*) as invoices,
    count(*) filter (where is_changed) as invoices_changed,
    cast(sum(before) as decimal(38, 12)) as before,
    cast(sum(after) as decimal(38, 12)) as after,
    cast(sum(difference) as decimal(38, 12)) as difference,
    cast(sum(drift) as decimal(38, 12)) as drift,
    cast(sum(subtotal_before) as decimal(38, 12)) as subtotal_before,
    cast(sum(subtotal_after) as decimal(38, 12)) as subtotal_after,
    cast(sum(balance_applied_before) as decimal(38, 12)) as balance_applied_before,
    cast(sum(balance_applied_after) as decimal(38, 12)) as balance_applied_after
"""


def newly_unrated(connection: DuckDBPyConnection, rows_max: int | None = None) -> Rows:
    """Usage that has no price after, and had one before; the quantity is what was added."""
    return ask(
        connection,
        f"""
        select
            {_UNRATED_KEY}, product_name,
            cast(after - coalesce(before, 0) as decimal(38, 12)) as quantity,
            reason, nearest_pricing_group_values
        from unrated
        where after > coalesce(before, 0) or before is null
        order by customer_id, contract_id, product_id, period_start, pricing_group_values,
            presentation_group_values, subscription_id
        {f"limit {rows_max}" if rows_max is not None else ""}
        """,
    )


def unrated_counts(connection: DuckDBPyConnection) -> tuple[int, int]:
    """How many groups newly have no price, and how many have one that had none."""
    [(newly, no_longer)] = connection.execute(
        """
        select
            count(*) filter (where after > coalesce(before, 0) or before is null),
            count(*) filter (where before > coalesce(after, 0) or after is null)
        from unrated
        """
    ).fetchall()
    return newly, no_longer


def _literal(instant: datetime) -> str:
    return f"timestamp '{instant.astimezone(UTC).replace(tzinfo=None).isoformat(' ')}'"
