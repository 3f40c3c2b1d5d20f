"""What `bursar simulate` prints: tables for people, JSON and CSV for programs.

Owns the look and the closing words. It leaves the figures to `bursar.simulating.simulation`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from bursar.cli.figures import instant, money, number, span
from bursar.cli.output import Format, plain, print_rows, say
from bursar.project import Project
from bursar.simulating.comparing import Window
from bursar.simulating.simulation import Simulation
from bursar.warehouse.answers import Row, Rows
from bursar.warehouse.run_state import as_text
from bursar.words import listed

# More rows than this nobody reads on a screen; programs get all of them.
_ROWS_MAX = 50
# A commit may pay for what is cheaper now: then the charges differ, and the total does not.
_IN_CHARGES = "in charges"
_FIGURES = ("before", "after", "difference")


def print_tables(found: Simulation, *, is_by_invoice: bool) -> None:
    """The customers or invoices, the totals, and what newly has no price."""
    if is_by_invoice:
        _print_figures(found, found.invoices, {"invoice": _invoice, "customer": _customer})
    else:
        _print_figures(found, found.customers, {"customer": _customer})
    if found.totals.rows:
        _print_figures(found, found.totals, {"total": _customers})
    if found.newly_unrated.rows:
        _print_unrated(found.newly_unrated)


def as_json(found: Simulation, window: Window, *, is_by_invoice: bool) -> str:
    """All of it as one JSON object; numbers as text, so that no digit is lost."""
    document: dict[str, Any] = {
        "as_of": as_text(found.as_of),
        "from": as_text(window.start) if window.start else None,
        "to": as_text(window.end) if window.end else None,
        "relations": list(found.relations),
        "simulated": str(found.file),
        "totals": json_rows(found.totals),
        "customers": json_rows(found.customers),
    }
    if is_by_invoice:
        document["invoices"] = json_rows(found.invoices)
    document["newly_unrated"] = json_rows(found.newly_unrated)
    document["no_longer_unrated"] = found.no_longer_unrated
    return json.dumps(document, indent=2, ensure_ascii=False)


def json_rows(rows: Rows) -> list[dict[str, Any]]:
    """Rows as JSON objects: counts as numbers, figures and times as text."""
    return [
        {
            name: value if value is None or isinstance(value, bool | int) else plain(value)
            for name, value in row.items()
        }
        for row in rows.as_dicts()
    ]


def print_csv(found: Simulation, *, is_by_invoice: bool) -> None:
    """One row per customer and currency, or per invoice."""
    rows = found.invoices if is_by_invoice else found.customers
    print_rows(rows.columns, rows.rows, Format.CSV)


def closing_words(project: Project, found: Simulation, window: Window) -> str:
    """What was compared, and where the simulated warehouse is."""
    source = (
        "the published invoices"
        if found.is_published
        else "the invoices as computed anew, since no published warehouse is of these inputs"
    )
    lines = [
        f"As of {as_text(found.as_of)}{_of(window)}: before are {source};"
        f" after, what they would be with {listed(f'{name}.csv' for name in found.relations)}"
        f" of {found.catalog}."
    ]
    if not found.totals.rows:
        lines.append("There is no such invoice on either side.")
    if found.has_drift:
        lines.append(
            "Drift is the part of the difference that is there without the other catalog, too:"
            " finalized invoices would be others today (see invoice_drift)."
        )
    newly, no_longer = len(found.newly_unrated.rows), found.no_longer_unrated
    if newly or no_longer:
        lines.append(
            f"Groups of usage that newly have no price: {newly:,}; that have one and had none:"
            f" {no_longer:,}."
        )
    lines.append(
        f"{project.relative(found.file)} holds all of it:"
        " bursar sql --simulated 'select * from invoices'"
    )
    return "\n".join(lines)


def _of(window: Window) -> str:
    parts = []
    if window.start:
        parts.append(f" from {instant(window.start)} on")
    if window.end:
        parts.append(f" before {instant(window.end)}")
    return f", periods that begin{' and'.join(parts)}" if parts else ""


def _print_figures(found: Simulation, rows: Rows, labels: dict[str, Any]) -> None:
    figures = (*_FIGURES, *(("drift",) if found.has_drift else ()))
    columns = (*labels, *figures, _IN_CHARGES, "currency")
    shown = rows.as_dicts()[:_ROWS_MAX]
    cells = [
        (
            *(label(row) for label in labels.values()),
            *(_money(row, figure) for figure in figures),
            _charges(row),
            row["currency"],
        )
        for row in shown
    ]
    print_rows(columns, cells, Format.TABLE, right=frozenset((*figures, _IN_CHARGES)))
    _say_rest(rows.rows)


def _say_rest(rows: Sequence[object]) -> None:
    if len(rows) > _ROWS_MAX:
        say(f"and {len(rows) - _ROWS_MAX:,} more; --format json gives all.")


def _print_unrated(rows: Rows) -> None:
    cells = [
        (
            row["customer_id"],
            row["contract_id"],
            row["product_id"],
            span(row["period_start"], None),
            row["pricing_group_values"] or "",
            number(row["quantity"]),
            row["reason"],
            row["nearest_pricing_group_values"] or "",
        )
        for row in rows.as_dicts()[:_ROWS_MAX]
    ]
    columns = ("customer", "contract", "product", "period", "group", "quantity", "reason")
    print_rows(
        (*columns, "nearest"),
        cells,
        Format.TABLE,
        title="Newly without a price",
        right=frozenset({"quantity"}),
    )
    _say_rest(rows.rows)


def _invoice(row: Row) -> str:
    return str(row["invoice_id"])


def _customers(row: Row) -> str:
    return f"{row['customers']:,} customer{'s' * (row['customers'] != 1)}"


def _customer(row: Row) -> str:
    return str(row["customer_name"] or row["customer_id"])


def _money(row: Row, figure: str) -> str:
    value = row[figure]
    return "" if value is None else money(value, row["currency"])


def _charges(row: Row) -> str:
    """By how much the charges differ, whoever pays for them."""
    difference = (row["subtotal_after"] or Decimal(0)) - (row["subtotal_before"] or Decimal(0))
    return money(difference, row["currency"])
