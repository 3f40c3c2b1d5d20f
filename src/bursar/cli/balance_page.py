"""A commit on a page, and many balances in a list, as rich draws them.

Owns the look only, but for the sums of a commit's segments. It leaves what is read to
`bursar.warehouse.balances`, the commit in words to `bursar.cli.commit_facts`, and how it burns down
to `bursar.cli.burn_down_page`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from bursar.cli.burn_down_page import print_burn_down
from bursar.cli.commit_facts import facts_of
from bursar.cli.figures import instant, money, span
from bursar.cli.output import Format, console, print_rows

if TYPE_CHECKING:
    from bursar.warehouse.answers import Row
    from bursar.warehouse.balances import Commit

_USED = ("drawn", "drawn_provisional")
_GONE = ("expired", "rolled_over", "trued_up")
# The columns of a segment, and the words above them; those in which nothing stands are left out.
_SEGMENT = {
    "amount": "amount",
    "adjusted": "adjusted",
    "drawn": "used, finalized",
    "drawn_provisional": "used by drafts",
    "expired": "expired",
    "rolled_over": "rolled over",
    "trued_up": "trued up",
    "balance": "left",
}
_ALWAYS = ("amount", "balance")
_INVOICED = {"draw": "paid for", "commit_purchase": "purchase", "true_up": "true-up"}


def print_list(balances: Sequence[Row]) -> None:
    """Prints one row a segment."""
    columns = ("commit", "type", "customer", "usable", "amount", "used", "gone", "left", "unit")
    rows = [
        (
            balance["commit_id"],
            balance["commit_type"],
            balance["customer_id"],
            span(balance["segment_starting_at"], balance["segment_ending_before"]),
            _money((balance,), ("amount", "adjusted")),
            _money((balance,), _USED),
            _money((balance,), _GONE),
            _money((balance,), ("balance",)),
            balance["pricing_unit"],
        )
        for balance in balances
    ]
    right = frozenset({"amount", "used", "gone", "left"})
    print_rows(columns, rows, Format.TABLE, right=right)


def print_commit(commit: Commit) -> None:
    """Prints a commit: what it is, what is left, how it burns down, and every movement."""
    from rich.table import Table
    from rich.text import Text

    page = console()
    name = commit.grants[0]["commit_name"]
    page.print(Text(commit.asked, "bold") + Text(f"  {name}" if name else ""))
    facts = Table.grid(padding=(0, 2))
    for label, value in facts_of(commit).items():
        facts.add_row(Text(label, style="dim"), Text(value))
    page.print(facts)
    unit = commit.grants[0]["pricing_unit"]
    _print_heading(f"Segments, in {unit}")
    _print_segments(commit.segments.as_dicts())
    _print_heading(f"Burn-down, in {unit}")
    print_burn_down(commit)
    _print_heading(f"Ledger, in {unit}")
    _print_ledger(commit)
    if commit.invoices.rows:
        _print_heading("Invoices")
        _print_invoices(commit.invoices.as_dicts())


def _print_heading(text: str) -> None:
    console().print(f"\n{text}", style="bold", highlight=False, markup=False)


def _print_segments(segments: Sequence[Row]) -> None:
    shown = [
        column
        for column in _SEGMENT
        if column in _ALWAYS or any(segment[column] for segment in segments)
    ]
    rows = [
        [
            segment["commit_id"],
            span(segment["segment_starting_at"], segment["segment_ending_before"]),
            *(_money((segment,), (column,)) for column in shown),
        ]
        for segment in segments
    ]
    if len(segments) > 1:
        rows.append(["all together", "", *(_money(segments, (column,)) for column in shown)])
    names = [_SEGMENT[column] for column in shown]
    print_rows(["commit", "usable", *names], rows, Format.TABLE, right=frozenset(names))


def _print_ledger(commit: Commit) -> None:
    unit = commit.grants[0]["pricing_unit"]
    entries = commit.ledger.as_dicts()
    several = len(commit.segments.rows) > 1
    columns = [
        *(("segment",) if several else ()),
        *("when", "entry", "amount", "balance", "because of", ""),
    ]
    rows = [
        [
            *((_segment(entry, commit),) if several else ()),
            instant(entry["entry_at"]),
            entry["entry_type"].replace("_", " "),
            money(entry["amount"], unit),
            money(entry["running_balance"], unit),
            entry["invoice_id"] or entry["reason"] or "",
            "provisional" if entry["is_provisional"] else "",
        ]
        for entry in entries
    ]
    print_rows(columns, rows, Format.TABLE, right=frozenset({"amount", "balance"}))


def _segment(entry: Row, commit: Commit) -> str:
    """What tells a segment from the others: its commit, if it recurs; else its start."""
    if len(commit.grants) > 1:
        return str(entry["commit_id"])
    return instant(entry["segment_starting_at"])


def _print_invoices(invoices: Sequence[Row]) -> None:
    rows = [
        [
            invoice["invoice_id"],
            invoice["status"],
            span(invoice["period_start"], invoice["period_end"]),
            _INVOICED[invoice["movement"]],
            str(invoice["line_count"]),
            money(invoice["amount"], invoice["pricing_unit"]),
            invoice["pricing_unit"],
        ]
        for invoice in invoices
    ]
    columns = ("invoice", "status", "period", "what", "lines", "amount", "unit")
    print_rows(columns, rows, Format.TABLE, right=frozenset({"lines", "amount"}))


def _money(segments: Iterable[Row], columns: Sequence[str]) -> str:
    rows = list(segments)
    amount = sum((row[column] for row in rows for column in columns), Decimal(0))
    return money(amount, rows[0]["pricing_unit"])
