"""One invoice on a page, and many in a list, as rich draws them.

Owns the look only; every figure stands in the warehouse already, but for the sum of a product's
lines.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any

from bursar.cli.figures import instant, money, number, span
from bursar.cli.output import Format, console, print_rows

if TYPE_CHECKING:
    from rich.table import Table

    from bursar.warehouse.answers import Row
    from bursar.warehouse.invoices import Invoice

STATUS_STYLES = {"draft": "yellow", "finalized": "green", "void": "red"}
# Line types that are what a product's lines usually are, and so need no word.
ORDINARY_LINE_TYPES = ("usage", "rounding")


def print_list(invoices: Sequence[Row]) -> None:
    """Prints one row an invoice."""
    columns = ("invoice", "status", "customer", "period", "due", "total", "currency")
    rows = [
        (
            invoice["invoice_id"],
            invoice["status"],
            invoice["customer_name"] or invoice["customer_id"],
            span(invoice["period_start"], invoice["period_end"]),
            instant(invoice["due_at"]) if invoice["due_at"] else "",
            money(invoice["total"], invoice["currency"]),
            invoice["currency"],
        )
        for invoice in invoices
    ]
    print_rows(columns, rows, Format.TABLE, right=frozenset({"total"}))


def print_invoice(invoice: Invoice) -> None:
    """Prints an invoice: who and when, its lines by product, and how they add up."""
    from rich.markup import escape

    page = console()
    header = invoice.header
    style = STATUS_STYLES.get(header["status"], "bold")
    page.print(
        f"[bold]Invoice {escape(header['invoice_id'])}[/bold]  "
        f"[{style}]{header['status']}[/{style}]",
        highlight=False,
    )
    page.print(_facts(header))
    page.print(_lines(invoice.lines.as_dicts(), header["currency"]))
    page.print(_sums(header))
    note = _note(header)
    if note:
        page.print(f"[dim]{escape(note)}[/dim]", highlight=False)


def _facts(header: Row) -> Table:
    from rich.table import Table
    from rich.text import Text

    name, customer_id = header["customer_name"], header["customer_id"]
    facts = {
        "Customer": f"{name} ({customer_id})" if name else customer_id,
        "Contract": header["contract_id"],
        "Period": span(header["period_start"], header["period_end"]),
        "Issued": instant(header["issued_at"]) if header["issued_at"] else "",
        "Due": instant(header["due_at"]) if header["due_at"] else "",
        "Corrects": header["corrects_invoice_id"] or "",
    }
    table = Table.grid(padding=(0, 2))
    for label, value in facts.items():
        if value:
            table.add_row(Text(label, style="dim"), Text(value))
    return table


def _lines(lines: Sequence[Row], currency: str) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", overflow="fold")
    table.add_column("dates", overflow="fold")
    for name in ("quantity", "unit price", f"amount {currency}"):
        table.add_column(name, justify="right", no_wrap=True)
    shown = [line for line in lines if line["line_type"] != "rounding"]
    for product, group in groupby(shown, key=_product):
        of_product = list(group)
        summed = sum((x["amount"] for x in of_product if x["is_summed"]), Decimal(0))
        table.add_row(Text(product, "bold"), "", "", "", Text(money(summed, currency), "bold"))
        for line in of_product:
            table.add_row(*(Text(cell) for cell in _cells(line, currency)))
    if not shown:
        table.add_row(Text("no usage in this period", "dim"))
    return table


def _product(line: Row) -> str:
    return str(line["product_name"] or line["product_id"] or line["line_type"])


def _cells(line: Row, currency: str) -> tuple[str, ...]:
    unit = line["pricing_unit"]
    amount = money(line["amount"], unit)
    return (
        f"  {about(line)}",
        span(line["starting_at"], line["ending_before"]),
        number(line["quantity"]),
        number(line["unit_price"]) + (f" {unit}" if unit != currency else ""),
        amount if unit == currency else f"{amount} {unit}",
    )


def about(line: Row) -> str:
    """What sets a line apart from the others of its product."""
    words = (
        [] if line["line_type"] in ORDINARY_LINE_TYPES else [line["line_type"].replace("_", " ")]
    )
    for column in ("pricing_group_values", "presentation_group_values"):
        groups: dict[str, Any] = json.loads(line[column] or "{}")
        words += [
            f"{key} {value if value is not None else '(none)'}" for key, value in groups.items()
        ]
    if line["tier_start"]:
        words.append(f"above {number(line['tier_start'])}")
    if line["is_prorated"]:
        words.append("prorated")
    if line["commit_id"]:
        words.append(_of_commit(line))
    return ", ".join(words)


def _of_commit(line: Row) -> str:
    """What a commit has to do with a line: it paid, it is bought, or its promise is met."""
    commit = str(line["commit_id"])
    if line["line_type"] == "commit_applied":
        return f"{commit}, informational" if line["commit_type"] == "postpaid" else commit
    if line["line_type"] in ("commit_purchase", "true_up"):
        return commit
    return f"towards {commit}" if line["commit_type"] == "postpaid" else f"paid by {commit}"


def _sums(header: Row) -> Table:
    from rich.table import Table
    from rich.text import Text

    currency = header["currency"]
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(justify="right")
    table.add_row("Subtotal", money(header["subtotal"], currency))
    for label, column in (("Balances applied", "balance_applied"), ("Rounding", "rounding")):
        if header[column]:
            table.add_row(label, money(header[column], currency))
    table.add_row(
        Text("Total", "bold"), Text(f"{money(header['total'], currency)} {currency}", "bold")
    )
    return table


def _note(header: Row) -> str:
    if header["status"] == "draft":
        return (
            "A draft: it changes with usage, catalog and metrics until it is finalized,"
            f" from {instant(header['issued_at'])} on."
        )
    if header["status"] == "void":
        return f"Void since {instant(header['voided_at'])}: {header['void_reason']}"
    return ""
