"""Rules of what an override is about: its product, its tags, its group values.

What acts on nothing where it stands is a warning: it may be meant for later, and a bill is not
wrong for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from bursar.catalog.book import Book, Rule
from bursar.catalog.table import Row
from bursar.errors import Diagnostic, Severity
from bursar.words import listed, nearest

_PICK_BY_TAG = (("contract_overrides", "product_tags"), ("products", "composite_tags"))


def tags_that_nothing_carries(book: Book) -> Iterator[Diagnostic]:
    """A tag that no product has picks nothing."""
    if not book.knows("products"):
        return
    known = {tag for row in book.rows("products") for tag in row.items("tags")}
    for relation, column in _PICK_BY_TAG:
        for row in book.rows(relation):
            if row.text("product_type") not in ("", "composite"):
                continue
            for tag in row.items(column):
                if tag not in known:
                    near = nearest(tag, known)
                    message = f"No product has the tag {tag}, so it picks none.{near}"
                    yield book.tables[relation].problem(
                        row, column, "unknown-tag", message, part=tag, severity=Severity.WARNING
                    )


def products_without_a_rate(book: Book) -> Iterator[Diagnostic]:
    """An override changes a rate of the contract's card, and does not stand in for one."""
    cards = {row.text("contract_id"): row.text("rate_card_id") for row in book.rows("contracts")}
    priced = {(row.text("rate_card_id"), row.text("product_id")) for row in book.rows("rates")}
    for row in book.rows("contract_overrides"):
        table = book.tables["contract_overrides"]
        product_id, card = row.text("product_id"), cards.get(row.text("contract_id"))
        if not product_id or not book.product_type(product_id):
            continue
        if book.product_type(product_id) == "fixed":
            message = (
                f"{product_id} is a fixed product and has no rate that an override could change:"
                " the charge or commit that names it states the amount."
            )
            yield table.problem(row, "product_id", "product-has-no-rates", message)
        elif card and (card, product_id) not in priced and book.knows("rates"):
            message = (
                f"The contract's card {card} has no rate of {product_id}."
                " An override changes a rate and does not stand in for one: it acts on nothing."
            )
            yield table.problem(
                row, "product_id", "override-without-rate", message, severity=Severity.WARNING
            )


def frequencies_of_other_products(book: Book) -> Iterator[Diagnostic]:
    """Only subscriptions have rates by frequency."""
    for row in book.rows("contract_overrides"):
        product_type = book.product_type(row.text("product_id"))
        if row.text("billing_frequency") and product_type not in ("", "subscription", "fixed"):
            message = (
                "Only a subscription's rate has a billing_frequency;"
                f" {row.text('product_id')} is a {product_type} product. Leave it blank."
            )
            yield book.tables["contract_overrides"].problem(
                row, "billing_frequency", "not-a-subscription", message
            )


def values_of_unknown_group_keys(book: Book) -> Iterator[Diagnostic]:
    """A target by group value names a key that the targeted product's usage is split by."""
    for row in book.rows("contract_overrides"):
        product_id = row.text("product_id")
        if (product_id and product_id not in book.products) or not book.knows("products"):
            continue
        for kind in ("pricing", "presentation"):
            yield from _unknown_keys(book, row, product_id, kind)


def _unknown_keys(book: Book, row: Row, product_id: str, kind: str) -> Iterator[Diagnostic]:
    versions = book.products[product_id] if product_id else book.rows("products")
    if not all(version.reads(f"{kind}_group_keys") for version in versions):
        return
    known = {key for version in versions for key in version.items(f"{kind}_group_keys")}
    for key in row.pairs(f"{kind}_group_values"):
        if key not in known:
            whose = product_id or "any product"
            keys = f"the keys are {listed(sorted(known))}" if known else "there are none"
            message = (
                f"{key} is not a {kind} group key of {whose}, so the override would never act:"
                f" {keys}.{nearest(key, known)}"
            )
            yield book.tables["contract_overrides"].problem(
                row, f"{kind}_group_values", "unknown-target-key", message, part=key
            )


RULES: tuple[Rule, ...] = (
    tags_that_nothing_carries,
    products_without_a_rate,
    frequencies_of_other_products,
    values_of_unknown_group_keys,
)
