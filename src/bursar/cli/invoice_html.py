"""An invoice as one HTML file: to read, to print, to send.

Owns what the page says in which place. It leaves the look to `templates/invoice.html`, where every
text is escaped, and the sentences to `bursar.cli.invoice_sentences`. The page needs no other file,
no script and no network.
"""

from __future__ import annotations

from decimal import Decimal
from importlib import resources
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, StrictUndefined

from bursar.cli.figures import instant, money, number, span
from bursar.cli.invoice_groups import Entry, Group, groups_of
from bursar.cli.invoice_page import about
from bursar.cli.invoice_sentences import sentences_of

if TYPE_CHECKING:
    from bursar.warehouse.answers import Row
    from bursar.warehouse.invoice_document import Document, DocumentLine

_KINDS = {"prepaid": "Prepaid commit", "postpaid": "Commitment", "credit": "Credit"}


def as_html(document: Document) -> str:
    """The page."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = (resources.files("bursar.cli") / "templates" / "invoice.html").read_text("utf-8")
    header = document.header
    groups = groups_of(document.lines, header["currency"])
    return environment.from_string(template).render(
        title=_title(header),
        invoice_id=header["invoice_id"],
        status=header["status"],
        currency=header["currency"],
        facts=_facts(document),
        note=_note(document),
        groups=[_group(group, header["currency"]) for group in groups if group.kind != "rounding"],
        sums=_sums(header, groups),
        total=f"{money(header['total'], header['currency'])} {header['currency']}",
        balances=[_balance(row) for row in document.balances],
        corrections=[_correction(row, header["currency"]) for row in document.corrections],
        as_of=instant(document.as_of),
    )


def _title(header: Row) -> str:
    if header["invoice_type"] != "correction":
        return "Invoice"
    return "Credit memo" if header["total"] < 0 else "Correction"


def _facts(document: Document) -> list[tuple[str, str]]:
    header, parties = document.header, document.parties
    name, contract = header["customer_name"], parties["contract_name"]
    dated = ("To be issued", "Would be due") if header["status"] == "draft" else ("Issued", "Due")
    facts = [
        ("Customer", f"{name} ({header['customer_id']})" if name else header["customer_id"]),
        (
            "Contract",
            f"{contract} ({header['contract_id']})" if contract else header["contract_id"],
        ),
        ("Corrects", header["corrects_invoice_id"]),
        ("Period", span(header["period_start"], header["period_end"])),
        (dated[0], instant(header["issued_at"]) if header["issued_at"] else ""),
        (dated[1], instant(header["due_at"]) if header["due_at"] else ""),
    ]
    return [(label, value) for label, value in facts if value]


def _note(document: Document) -> str:
    """What has to be known before the figures are."""
    header = document.header
    if header["status"] == "draft":
        return (
            f"Draft as of {instant(document.as_of)}. It is not due: it changes with usage, catalog"
            " and metrics until it is finalized."
        )
    if header["status"] == "void":
        since = instant(header["voided_at"])
        return f"Void since {since}, and nothing is due on it: {header['void_reason']}"
    if header["invoice_type"] == "correction":
        return (
            f"The difference between {header['corrects_invoice_id']} and what is right, line by"
            " line. Both are valid together."
        )
    return ""


def _group(group: Group, currency: str) -> dict[str, Any]:
    return {
        "title": group.title,
        "amount": _amount(group.amount, group.pricing_unit, currency),
        "note": ""
        if group.is_summed
        else f"in {group.pricing_unit}, turned into money below, not part of the total",
        "rows": [row for entry in group.entries for row in _rows(entry, currency)],
    }


def _rows(entry: Entry, currency: str) -> list[dict[str, Any]]:
    rows = [_row(entry.line, currency, is_twin=False)]
    if entry.applied is not None:
        rows.append(_row(entry.applied, currency, is_twin=True))
    return rows


def _row(line: DocumentLine, currency: str, *, is_twin: bool) -> dict[str, Any]:
    row = line.row
    unit = row["pricing_unit"]
    amount = _amount(row["amount"], unit, currency)
    # What counts towards a promise is shown, and not taken off.
    is_informational = row["line_type"] == "commit_applied" and row["commit_type"] == "postpaid"
    return {
        "about": about(row) or row["line_type"].replace("_", " "),
        "dates": span(row["starting_at"], row["ending_before"]).split(" → "),
        "quantity": number(row["quantity"]),
        "price": number(row["unit_price"]) + (f" {unit}" if unit != currency else ""),
        "amount": f"({amount})" if is_informational else amount,
        "how": " ".join(sentences_of(row, line.parts)),
        "is_twin": is_twin,
    }


def _sums(header: Row, groups: list[Group]) -> list[tuple[str, str, str]]:
    """Each sum before the total: what it is, the figure, and how it came about."""
    currency = header["currency"]
    sums = [("Subtotal", money(header["subtotal"], currency), "")]
    if header["balance_applied"]:
        how = "What commits and credits paid."
        sums.append(("Balances applied", money(header["balance_applied"], currency), how))
    if header["rounding"]:
        how = " ".join(
            sentence
            for group in groups
            if group.kind == "rounding"
            for entry in group.entries
            for sentence in sentences_of(entry.line.row, entry.line.parts)
        )
        sums.append(("Rounding", money(header["rounding"], currency), how))
    return sums


def _balance(row: Row) -> dict[str, Any]:
    unit = row["pricing_unit"]
    kind = _KINDS.get(row["commit_type"], row["commit_type"])
    name = row["commit_name"]
    before, after = row["balance_before"], row["balance_after"]
    usable = span(row["segment_starting_at"], row["segment_ending_before"])
    return {
        "name": f"{kind} {name} ({row['commit_id']})" if name else f"{kind} {row['commit_id']}",
        "usable": usable.split(" → ") if row["segment_ending_before"] else [f"from {usable}"],
        "before": "given back" if before is None else _amount(before, unit),
        "applied": _amount(row["applied"], unit),
        "after": "given back" if after is None else _amount(after, unit),
    }


def _correction(row: Row, currency: str) -> str:
    kind = "credit memo" if row["total"] < 0 else "correction"
    words = f"{row['invoice_id']}: a {kind} of {_amount(row['total'], currency)}"
    return words + (f", void since {instant(row['voided_at'])}" if row["voided_at"] else "")


def _amount(amount: Decimal, unit: str, currency: str = "") -> str:
    """An amount with its unit; without, where that is the currency of the page."""
    return money(amount, unit) + (f" {unit}" if unit != currency else "")
