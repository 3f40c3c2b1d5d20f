"""An explanation of an invoice line: pages for people, JSON for programs.

Owns the look only; every figure comes from `bursar.warehouse.explaining`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bursar.cli.figures import instant, money, number, span
from bursar.cli.output import Format, console, plain, print_rows

if TYPE_CHECKING:
    from rich.table import Table

    from bursar.warehouse.explaining.events import Events
    from bursar.warehouse.explaining.explanation import Explanation

_SINCE = {"slice": "in its slice of time", "period": "since the period began, up to its end"}


def print_explanation(explanation: Explanation) -> None:
    """Prints a line and, part by part, where its figures come from."""
    line = explanation.line
    page = console()
    page.print(f"Line {line['line_item_id']}", highlight=False, markup=False, style="bold")
    about = line["product_name"] or line["product_id"] or ""
    facts = [
        line["line_type"].replace("_", " "),
        *([about] if about else []),
        *(
            line[name]
            for name in ("pricing_group_values", "presentation_group_values")
            if line[name]
        ),
        span(line["starting_at"], line["ending_before"]),
    ]
    page.print(", ".join(facts), highlight=False, markup=False)
    unit = line["pricing_unit"]
    page.print(
        f"{number(line['quantity'])} x {number(line['unit_price'])}"
        f" = {money(line['amount'], unit)} {unit}",
        highlight=False,
        markup=False,
    )
    if explanation.has_changed:
        page.print(
            f"Finalized {instant(line['finalized_at'])}, {line['status']} now. It stays as it is;"
            " what follows is of today, and may say something else.",
            highlight=False,
            markup=False,
        )
    for part in explanation.parts:
        page.print(f"\n{part.title}", highlight=False, markup=False, style="bold")
        _print_part(part.rows)
    if explanation.events:
        _print_events(explanation.events)
    page.print("")
    for one in explanation.sums:
        otherwise = "is no longer" if one.is_of_today and explanation.has_changed else "IS NOT"
        mark = "=" if one.found == one.expected else otherwise
        page.print(
            f"{one.what}: {number(one.found)} {mark} {number(one.expected)}",
            highlight=False,
            markup=False,
        )


def as_json(explanation: Explanation) -> str:
    """The same as an object; numbers are text, so that no digit is lost."""
    events = explanation.events
    found = {
        "line": plain_row(explanation.line),
        **{part.name: [plain_row(row) for row in part.rows] for part in explanation.parts},
        "events": None
        if events is None
        else {
            "count": events.count,
            "is_exact": events.is_exact,
            "since": events.since,
            "late_count": events.late_count,
            "rows": [plain_row(row) for row in events.rows],
        },
        "sums": [
            {
                "what": one.what,
                "found": plain(one.found),
                "expected": plain(one.expected),
                "is_of_today": one.is_of_today,
            }
            for one in explanation.sums
        ],
        "has_changed": explanation.has_changed,
        "adds_up": explanation.adds_up,
    }
    return json.dumps(found, indent=2, ensure_ascii=False)


def _print_part(rows: Sequence[Mapping[str, Any]]) -> None:
    """One row reads downwards, several read across; columns that say nothing are left out."""
    names = [name for name in rows[0] if any(row[name] is not None for row in rows)]
    if len(rows) == 1:
        console().print(_facts({name: _text(rows[0][name]) for name in names}))
        return
    right = {name for name in names if isinstance(rows[0][name], Decimal)}
    cells = [[_text(row[name]) for name in names] for row in rows]
    print_rows(names, cells, Format.TABLE, right=frozenset(right))


def _facts(facts: Mapping[str, str]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    for name, text in facts.items():
        table.add_row(Text(f"  {name.replace('_', ' ')}", style="dim"), Text(text))
    return table


def _print_events(events: Events) -> None:
    kind = "Events that it counts" if events.is_exact else "Events that its metric reads"
    title = f"{kind} {_SINCE[events.since]}: {events.count:,}"
    if events.count > len(events.rows) and events.rows:
        title += f", of which the first {len(events.rows):,}"
    if events.late_count:
        title += f"; {events.late_count:,} came when the invoice was final"
    console().print(f"\n{title}", highlight=False, markup=False, style="bold")
    if events.rows:
        _print_part(events.rows)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, datetime):
        return plain(value) if value.microsecond else instant(value)
    return plain(value)


def plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row for JSON: whole numbers and truths as they are, all else as exact text."""
    return {
        name: value
        if value is None or isinstance(value, bool | int)
        else (value.isoformat() if type(value) is date else plain(value))
        for name, value in row.items()
    }
