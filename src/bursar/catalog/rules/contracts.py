"""Rules of contracts: anchors, usage filters, renewals."""

from __future__ import annotations

from collections.abc import Iterator

from bursar.catalog.book import Book, Rule
from bursar.catalog.table import Row
from bursar.catalog.values import time_text
from bursar.errors import Diagnostic
from bursar.words import listed, nearest


def anchors_without_a_date(book: Book) -> Iterator[Diagnostic]:
    """A custom anchor has a date, and no other anchor has one."""
    for row in book.rows("contracts"):
        table = book.tables["contracts"]
        anchor = row.text("billing_anchor")
        if anchor == "custom_date" and row.is_blank("billing_anchor_date"):
            message = "A custom_date anchor stands at a date: fill in billing_anchor_date."
            yield table.problem(row, "billing_anchor_date", "anchor-without-date", message)
        if anchor not in ("", "custom_date") and row.is_given("billing_anchor_date"):
            message = (
                f"The date has no effect: the anchor is {anchor}."
                " Make billing_anchor custom_date, or leave the date blank."
            )
            yield table.problem(row, "billing_anchor_date", "date-without-anchor", message)


def half_usage_filters(book: Book) -> Iterator[Diagnostic]:
    """A usage filter has a key and values."""
    for row in book.rows("contracts"):
        given, blank = "usage_filter_key", "usage_filter_values"
        if row.is_given(blank):
            given, blank = blank, given
        if row.is_given(given) and row.is_blank(blank):
            message = f"{given} stands without {blank}. Give both, or neither."
            yield book.tables["contracts"].problem(row, blank, "half-a-filter", message)


def filters_that_drop_everything(book: Book) -> Iterator[Diagnostic]:
    """A SQL metric's rows are filtered by its own columns: without the key none would be left."""
    products_by_card = _products_by_card(book)
    for row in book.rows("contracts"):
        key = row.text("usage_filter_key")
        if not key or not row.is_given("usage_filter_values"):
            continue
        for product_id in products_by_card.get(row.text("rate_card_id"), ()):
            for version in book.products.get(product_id, ()):
                metric = (book.metrics or {}).get(version.text("metric_name"))
                if metric is None or metric.form != "sql" or metric.group_keys is None:
                    continue
                if key not in metric.group_keys:
                    keys = listed(sorted(metric.group_keys)) or "none"
                    message = (
                        f"The SQL metric {metric.name} of the product {product_id} has no group key"
                        f" {key} (its keys: {keys}): the filter would drop all of its usage."
                        f"{nearest(key, metric.group_keys)}"
                    )
                    yield book.tables["contracts"].problem(
                        row, "usage_filter_key", "filter-on-unknown-key", message
                    )


def _products_by_card(book: Book) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in book.rows("rates"):
        products = found.setdefault(row.text("rate_card_id"), [])
        if row.text("product_id") not in products:
            products.append(row.text("product_id"))
    return found


def renewals_that_do_not_follow(book: Book) -> Iterator[Diagnostic]:
    """A renewal is the same customer's, and starts where the old contract ends."""
    contracts = {row.text("contract_id"): row for row in book.rows("contracts")}
    for row in contracts.values():
        old_id = row.text("renews_contract_id")
        old = contracts.get(old_id)
        if not old_id or old is None:
            continue
        message = _renewal_mistake(row, old)
        if message:
            yield book.tables["contracts"].problem(
                row, "renews_contract_id", "not-a-renewal", message
            )


def renewals_of_one_contract(book: Book) -> Iterator[Diagnostic]:
    """A contract is renewed once: what is left of its commits rolls over once."""
    contracts = {row.text("contract_id"): row for row in book.rows("contracts")}
    first: dict[str, Row] = {}
    for row in contracts.values():
        old_id = row.text("renews_contract_id")
        old = contracts.get(old_id)
        if not old_id or old is None or _renewal_mistake(row, old):
            continue
        other = first.setdefault(old_id, row)
        if other is not row:
            message = (
                f"Line {other.line} renews {old_id} already ({other.text('contract_id')})."
                " A contract is renewed by one contract."
            )
            yield book.tables["contracts"].problem(
                row, "renews_contract_id", "renewed-twice", message
            )


def _renewal_mistake(new: Row, old: Row) -> str:
    old_id = old.text("contract_id")
    if new is old:
        return "A contract cannot renew itself."
    if old.text("customer_id") != new.text("customer_id"):
        return f"{old_id} is a contract of another customer, {old.text('customer_id')}."
    start, end = new.time("starting_at"), old.time("ending_before")
    if start is None or not old.reads("ending_before") or start == end:
        return ""
    ends = f"ends before {time_text(end)}" if end else "has no end"
    return (
        f"A renewal starts where the old contract ends: {old_id} {ends},"
        f" this one starts at {time_text(start)}."
    )


RULES: tuple[Rule, ...] = (
    anchors_without_a_date,
    half_usage_filters,
    filters_that_drop_everything,
    renewals_that_do_not_follow,
    renewals_of_one_contract,
)
