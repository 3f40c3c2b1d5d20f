"""Rules of what an override or a balance is about: its product, its tags, its group values.

What acts on nothing where it stands is a warning: it may be meant for later, and a bill is not
wrong for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from bursar.catalog.book import Book, Rule
from bursar.catalog.table import Row, Table
from bursar.errors import Diagnostic, Severity
from bursar.words import listed, nearest

_PICK_BY_TAG = (
    ("contract_overrides", "product_tags"),
    ("products", "composite_tags"),
    ("commits", "applicable_product_tags"),
    ("commit_specifiers", "product_tags"),
    ("recurring_commits", "applicable_product_tags"),
)
_KINDS = ("pricing", "presentation")
_PICK_BY_VALUE = {
    "contract_overrides": "the override would never act",
    "commit_specifiers": "the specifier would never fit",
}


def tags_that_nothing_carries(book: Book) -> Iterator[Diagnostic]:
    """A tag that no product has picks nothing."""
    if not book.knows("products"):
        return
    known = frozenset(tag for row in book.rows("products") for tag in row.items("tags"))
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
    if not book.knows("products"):
        return
    keys = {kind: _keys_by_product(book, f"{kind}_group_keys") for kind in _KINDS}
    for relation, never in _PICK_BY_VALUE.items():
        for row in book.rows(relation):
            product_id = row.text("product_id")
            for kind in _KINDS:
                known = keys[kind].get(product_id)
                if known is not None:
                    yield from _unknown_keys(book.tables[relation], row, kind, known, never)


def _keys_by_product(book: Book, column: str) -> dict[str, frozenset[str] | None]:
    """The group keys of each product, and under no id all products'; none if not all read."""
    versions_by_product = {"": book.rows("products"), **book.products}
    return {
        product_id: frozenset(key for version in versions for key in version.items(column))
        if all(version.reads(column) for version in versions)
        else None
        for product_id, versions in versions_by_product.items()
    }


def _unknown_keys(
    table: Table, row: Row, kind: str, known: frozenset[str], never: str
) -> Iterator[Diagnostic]:
    for key in row.pairs(f"{kind}_group_values"):
        if key not in known:
            whose = row.text("product_id") or "any product"
            keys = f"the keys are {listed(sorted(known))}" if known else "there are none"
            message = (
                f"{key} is not a {kind} group key of {whose}, so {never}:"
                f" {keys}.{nearest(key, known)}"
            )
            yield table.problem(
                row, f"{kind}_group_values", "unknown-target-key", message, part=key
            )


RULES: tuple[Rule, ...] = (
    tags_that_nothing_carries,
    products_without_a_rate,
    frequencies_of_other_products,
    values_of_unknown_group_keys,
)
