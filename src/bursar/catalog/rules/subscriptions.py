"""Rules of subscriptions: what they charge, and how many units.

What charges nothing where it stands is a warning: it may be meant, and a bill is not wrong for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from bursar.catalog.book import Book, Rule, file_of
from bursar.catalog.relations import BY_NAME
from bursar.catalog.table import Row
from bursar.catalog.values import time_text
from bursar.errors import Diagnostic, Severity
from bursar.words import listed

_PLACES = "proration_decimal_places"


def products_that_are_no_subscriptions(book: Book) -> Iterator[Diagnostic]:
    """A subscription charges a product of its type."""
    for row in book.rows("subscriptions"):
        product_id = row.text("product_id")
        product_type = book.product_type(product_id)
        if product_type not in ("", "subscription"):
            message = (
                f"{product_id} is a {product_type} product; a subscription needs one whose"
                " product_type is subscription."
            )
            yield book.tables["subscriptions"].problem(
                row, "product_id", "not-a-subscription-product", message
            )


def quantities_missing_or_late(book: Book) -> Iterator[Diagnostic]:
    """A subscription has a quantity while it runs."""
    if not book.knows("subscription_quantities"):
        return
    quantities: dict[str, list[Row]] = {}
    for row in book.rows("subscription_quantities"):
        quantities.setdefault(row.text("subscription_id"), []).append(row)
    for row in book.rows("subscriptions"):
        found = quantities.get(row.text("subscription_id"), [])
        if not found and row.text("subscription_id"):
            place = file_of(book, BY_NAME["subscription_quantities"])
            message = f"{place} has no quantity of it, so nothing is charged. Add a row."
            yield book.tables["subscriptions"].problem(
                row, "subscription_id", "no-quantity", message, severity=Severity.WARNING
            )
        end = row.time("ending_before")
        for quantity in found:
            start = quantity.time("starting_at")
            if start and end and start >= end:
                message = (
                    f"The subscription ends before {time_text(end)}: this quantity never holds."
                )
                yield book.tables["subscription_quantities"].problem(
                    quantity, "starting_at", "after-the-end", message, severity=Severity.WARNING
                )


def places_that_round_nothing(book: Book) -> Iterator[Diagnostic]:
    """Only a rounding method rounds."""
    for relation, what in (("subscriptions", "price"), ("recurring_commits", "amount")):
        for row in book.rows(relation):
            if row.is_blank("proration_rounding_method") and row.is_given(_PLACES):
                message = (
                    f"Without a proration_rounding_method a prorated {what} is not rounded:"
                    " these places have no effect."
                )
                yield book.tables[relation].problem(
                    row, _PLACES, "places-without-method", message, severity=Severity.WARNING
                )


def frequencies_without_a_rate(book: Book) -> Iterator[Diagnostic]:
    """The card has a price for the subscription's periods."""
    cards = {row.text("contract_id"): row.text("rate_card_id") for row in book.rows("contracts")}
    priced: dict[tuple[str, str], set[str]] = {}
    for row in book.rows("rates"):
        key = row.text("rate_card_id"), row.text("product_id")
        priced.setdefault(key, set()).add(row.text("billing_frequency"))
    if not book.knows("rates", "contracts"):
        return
    for row in book.rows("subscriptions"):
        card, product_id = cards.get(row.text("contract_id"), ""), row.text("product_id")
        frequency = row.text("billing_frequency")
        found = sorted(priced.get((card, product_id), set()) - {""})
        is_subscription = book.product_type(product_id) == "subscription"
        if card and is_subscription and frequency and frequency not in found:
            has = f"only {listed(found)} ones" if found else "none"
            message = (
                f"The card {card} has no {frequency} rate of {product_id} ({has}):"
                " its charges would be listed in unrated_usage."
            )
            yield book.tables["subscriptions"].problem(
                row,
                "billing_frequency",
                "no-rate-for-the-frequency",
                message,
                severity=Severity.WARNING,
            )


RULES: tuple[Rule, ...] = (
    products_that_are_no_subscriptions,
    quantities_missing_or_late,
    places_that_round_nothing,
    frequencies_without_a_rate,
)
