"""Does a diff stay Markdown whatever the catalog calls its customers and products?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bursar.cli.diff_page import as_markdown, code, text
from bursar.simulating.changed_files import ChangedFile
from bursar.simulating.difference import Difference
from bursar.warehouse.answers import Rows

MARKDOWN = MarkdownIt("commonmark").enable("table")
HOSTILE = "</details> | `x` *bold* <script> @team [a](b) _u_ \\ ~~s~~ #1 !"
NOTHING = Rows((), ())
TOTAL = {
    "currency": "USD",
    "customers": 3,
    "customers_changed": 1,
    "invoices": 7,
    "invoices_changed": 2,
    "before": Decimal("1200"),
    "after": Decimal("1100.5"),
    "difference": Decimal("-99.5"),
}
INVOICE = {
    "invoice_id": "k:usage:2026-01-01",
    "customer_id": "c",
    "customer_name": HOSTILE,
    "currency": "USD",
    "before": None,
    "after": Decimal("1100.5"),
    "difference": Decimal("1100.5"),
}


def rows(*dicts: Mapping[str, object]) -> Rows:
    return Rows(tuple(dicts[0]), tuple(tuple(each.values()) for each in dicts))


FOUND = Difference(
    as_of=datetime(2026, 2, 1, tzinfo=UTC),
    base="main",
    commit="0123456789",
    files=(ChangedFile("seeds/rates.csv", "changed", 2, 1),),
    totals=rows(TOTAL),
    customers=NOTHING,
    invoices=rows(INVOICE),
    lines=NOTHING,
    line_counts={"changed": 0, "added": 0, "removed": 0},
    finalized=NOTHING,
    finalized_count=0,
    newly_unrated=NOTHING,
    unrated_counts=(0, 0),
)


def cells(markdown: str) -> list[list[str]]:
    """The rows of its tables as a reader sees them."""
    found: list[list[str]] = []
    for token in MARKDOWN.parse(markdown):
        if token.type == "tr_open":
            found.append([])
        elif token.type == "inline" and found:
            found[-1].append("".join(child.content for child in token.children or ()))
    return found


@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Zs")), min_size=1))
def test_any_text_is_read_in_its_cell_as_it_was_written(words: str) -> None:
    page = f"| a | b |\n| --- | --- |\n| {text(words)} | end |"
    assert cells(page)[-1] == [words, "end"]


@pytest.mark.parametrize("words", [HOSTILE, "two\nlines", "a|b", "- x", "1. x"])
def test_hostile_words_end_neither_their_cell_nor_the_fold(words: str) -> None:
    page = f"| a | b |\n| --- | --- |\n| {text(words)} | {code(words)} |"
    seen = " ".join(words.split())
    assert cells(page)[-1] == [seen, seen]
    assert "<" not in text(words)
    assert "@" not in text(words)


def test_the_summary_comes_first_and_rows_left_out_are_counted() -> None:
    page = as_markdown(FOUND)
    assert page.splitlines()[:3] == [
        "### Bills against `main` (0123456789)",
        "",
        "**2 of 7 invoices change**, as of 2026-02-01T00:00:00Z.",
    ]
    assert "| USD | 2 of 7 | 1 of 3 | 1,200.00 | 1,100.50 | -99.50 |" in page
    assert "- `seeds/rates.csv`: +2 -1 lines" in page
    assert "`k:usage:2026-01-01` (new)" in page
    assert "and 1 more row" in page
    assert page.count("<details>") == page.count("</details>") == 2


def test_no_change_is_said() -> None:
    same = {**TOTAL, "invoices_changed": 0, "customers_changed": 0}
    page = as_markdown(replace(FOUND, totals=rows(same), invoices=NOTHING, files=()))
    assert "**No invoice changes**, as of" in page
    assert "The catalog and the metrics are the same." in page
    assert "<details>" not in page
