"""What `bursar diff` prints: Markdown for a pull request, JSON for programs.

Owns the look: the summary first, the tables folded away, and every text from the catalog such that
Markdown takes it for text. It leaves the figures to `bursar.simulating.difference`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from bursar.cli.figures import instant, money, number
from bursar.cli.simulate_page import json_rows
from bursar.simulating.changed_files import ChangedFile
from bursar.simulating.difference import Difference
from bursar.warehouse.answers import Row
from bursar.warehouse.run_state import as_text

# Within a table cell; an at sign would call somebody.
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&vert;", "@": "&commat;"}
_MARKUP = re.compile(r"([\\`*_\[\]~#!])")
_FILES_MAX = 20
# More prices of one line than this are told by the lowest and the highest.
_PRICES_MAX = 3


def as_markdown(found: Difference) -> str:
    """The difference as GitHub's Markdown."""
    parts = [
        f"### Bills against {code(found.base)} ({found.commit})",
        _summary(found),
        _totals(found),
        _files(found.files),
        _unrated(found),
        _customers(found),
        _invoices(found),
        _lines(found),
        _finalized(found),
    ]
    return "\n\n".join(part for part in parts if part)


def as_json(found: Difference) -> str:
    """All of it as one JSON object; numbers as text, so that no digit is lost."""
    newly, no_longer = found.unrated_counts
    document = {
        "as_of": as_text(found.as_of),
        "base": found.base,
        "commit": found.commit,
        "files": [vars(file) for file in found.files],
        "invoices_changed": found.invoices_changed,
        "totals": json_rows(found.totals),
        "customers": json_rows(found.customers),
        "invoices": json_rows(found.invoices),
        "lines": json_rows(found.lines),
        "finalized": json_rows(found.finalized),
        "newly_unrated": json_rows(found.newly_unrated),
        "newly_unrated_count": newly,
        "no_longer_unrated_count": no_longer,
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def text(words: object) -> str:
    """Words as Markdown shows them in a cell, whatever signs are in them."""
    escaped = "".join(_ENTITIES.get(sign, sign) for sign in " ".join(str(words).split()))
    return _MARKUP.sub(r"\\\1", escaped)


def code(words: str) -> str:
    """An id as code; one with a sign that would end it, as text."""
    return text(words) if re.search(r"[`|\s]", words) else f"`{words}`"


def _summary(found: Difference) -> str:
    totals = found.totals.as_dicts()
    invoices = sum(int(row["invoices"]) for row in totals)
    changed = found.invoices_changed
    words = f"**{changed:,} of {_count(invoices, 'invoice')} change{'s' * (changed == 1)}**"
    return f"{words if changed else '**No invoice changes**'}, as of {as_text(found.as_of)}."


def _totals(found: Difference) -> str:
    rows = [row for row in found.totals.as_dicts() if row["invoices_changed"]]
    cells = [
        (
            row["currency"],
            f"{row['invoices_changed']:,} of {row['invoices']:,}",
            f"{row['customers_changed']:,} of {row['customers']:,}",
            *_before_and_after(row, row["currency"]),
        )
        for row in rows
    ]
    head = ("currency", "invoices", "customers", "before", "after", "difference")
    return _table(head, "lrrrrr", cells) if cells else ""


def _files(files: Sequence[ChangedFile]) -> str:
    if not files:
        return "The catalog and the metrics are the same."
    shown = [
        f"- {code(file.path)}{'' if file.change == 'changed' else f' {file.change}'}:"
        f" +{file.lines_added:,} -{file.lines_removed:,} lines"
        for file in files[:_FILES_MAX]
    ]
    return "\n".join([*shown, *_rest(len(files), len(shown), "file", "- ")])


def _unrated(found: Difference) -> str:
    newly, no_longer = found.unrated_counts
    words = []
    if newly:
        words.append(f"**{_count(newly, 'group')} of usage newly {_have(newly)} no price.**")
    if no_longer:
        words.append(f"{_count(no_longer, 'group')} of usage {_have(no_longer)} one that had none.")
    cells = [
        (
            code(row["contract_id"]),
            text(row["product_name"] or row["product_id"]),
            text(groups(row)),
            instant(row["period_start"]) if row["period_start"] else "",
            number(row["quantity"]),
            row["reason"],
            text(groups(row, ("nearest_pricing_group_values",))),
        )
        for row in found.newly_unrated.as_dicts()
    ]
    head = ("contract", "product", "group", "period", "quantity", "reason", "nearest")
    table = _table(head, "llllrll", cells) if cells else ""
    rest = _rest(newly, len(cells), "group")
    return "\n\n".join(part for part in (" ".join(words), table, *rest) if part)


def _customers(found: Difference) -> str:
    count = sum(int(row["customers_changed"]) for row in found.totals.as_dicts())
    cells = [
        (
            text(row["customer_name"] or row["customer_id"]),
            f"{row['invoices_changed']:,}",
            *_before_and_after(row, row["currency"]),
            row["currency"],
        )
        for row in found.customers.as_dicts()
    ]
    head = ("customer", "invoices", "before", "after", "difference", "currency")
    return _folded(_count(count, "customer"), head, "lrrrrl", cells, count)


def _invoices(found: Difference) -> str:
    cells = [
        (
            code(row["invoice_id"]) + _one_sided(row),
            text(row["customer_name"] or row["customer_id"]),
            *_before_and_after(row, row["currency"]),
            row["currency"],
        )
        for row in found.invoices.as_dicts()
    ]
    head = ("invoice", "customer", "before", "after", "difference", "currency")
    count = found.invoices_changed
    return _folded(_count(count, "invoice"), head, "llrrrl", cells, count)


def _lines(found: Difference) -> str:
    cells = [
        (
            row["change"],
            code(row["invoice_id"]),
            text(_about(row)),
            _step(_number(row["quantity_before"]), _number(row["quantity_after"])),
            _step(_prices(row["prices_before"]), _prices(row["prices_after"])),
            _step(
                _money(row["amount_before"], row["pricing_unit"]),
                _money(row["amount_after"], row["pricing_unit"]),
            ),
            text(row["pricing_unit"]),
        )
        for row in found.lines.as_dicts()
    ]
    head = ("", "invoice", "line", "quantity", "price", "amount", "unit")
    counts = {change: count for change, count in found.line_counts.items() if count}
    count = sum(counts.values())
    told = ", ".join(f"{number:,} {change}" for change, number in counts.items())
    title = f"{_count(count, 'line')}: {told}"
    return _folded(title, head, "lllrrrl", cells, count)


def _finalized(found: Difference) -> str:
    if not found.finalized_count:
        return ""
    cells = [
        (
            code(row["invoice_id"]),
            text(row["customer_name"] or row["customer_id"]),
            _money(row["total"], row["currency"]),
            _money(row["would_be_before"], row["currency"]),
            _money(row["would_be_after"], row["currency"]),
            row["currency"],
        )
        for row in found.finalized.as_dicts()
    ]
    head = ("invoice", "customer", "stands", "would be before", "would be after", "currency")
    count = found.finalized_count
    words = (
        "Finalized invoices stay as they are. Not final,"
        f" {count:,} of them would change:"
        " `bursar invoice correct` issues the difference."
    )
    title = _count(count, "finalized invoice")
    return f"{words}\n\n{_folded(title, head, 'llrrrl', cells, count)}"


def groups(
    row: Row, columns: Sequence[str] = ("pricing_group_values", "presentation_group_values")
) -> str:
    """A row's group values as words."""
    found: list[str] = []
    for column in columns:
        values: dict[str, Any] = json.loads(row[column] or "{}")
        found += [f"{key} {'(none)' if v is None else v}" for key, v in values.items()]
    return ", ".join(found)


def _about(row: Row) -> str:
    """What a line is for."""
    words = [str(row["product_name"] or row["product_id"] or row["line_type"].replace("_", " "))]
    if row["line_type"] not in ("usage", "subscription", "composite", "scheduled"):
        words.append(row["line_type"].replace("_", " "))
    words += [groups(row), row["commit_id"], row["subscription_id"]]
    return ", ".join(dict.fromkeys(word for word in words if word))


def _before_and_after(row: Row, unit: str) -> tuple[str, str, str]:
    return (
        _money(row["before"], unit),
        _money(row["after"], unit),
        _money(row["difference"], unit),
    )


def _one_sided(row: Row) -> str:
    if row["before"] is None:
        return " (new)"
    return " (gone)" if row["after"] is None else ""


def _step(before: str, after: str) -> str:
    if before == after:
        return before
    return " → ".join(side or "none" for side in (before, after))


def _prices(prices: Sequence[Decimal | None] | None) -> str:
    known = [price for price in prices or () if price is not None]
    if len(known) > _PRICES_MAX:
        return f"{number(known[0])} to {number(known[-1])}"
    return ", ".join(number(price) for price in known)


def _number(value: Decimal | None) -> str:
    return "" if value is None else number(value)


def _money(value: Decimal | None, unit: str) -> str:
    return "" if value is None else money(value, unit)


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"


def _have(count: int) -> str:
    return "has" if count == 1 else "have"


def _rest(count: int, shown: int, noun: str, lead: str = "") -> list[str]:
    left = count - shown
    return [f"{lead}and {_count(left, f'more {noun}')}"] if left > 0 else []


def _folded(
    title: str, head: Sequence[str], alignment: str, cells: Sequence[Sequence[str]], count: int
) -> str:
    """A table behind a title, and how many rows were left out of it."""
    if not count:
        return ""
    rest = _rest(count, len(cells), "row")
    body = "\n\n".join([*([_table(head, alignment, cells)] if cells else []), *rest])
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"


def _table(head: Sequence[str], alignment: str, cells: Iterable[Sequence[str]]) -> str:
    rules = ["---:" if sign == "r" else "---" for sign in alignment]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rules, *cells))
