"""Rules of charges on dates: what they name, and the one of two ways in which they state dates."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from bursar.catalog.book import Book, Rule, file_of
from bursar.catalog.currencies import MINOR_UNITS
from bursar.catalog.relations import BY_NAME
from bursar.catalog.table import Row
from bursar.catalog.values import time_text
from bursar.errors import Diagnostic, Severity

_STATE_AMOUNTS = {
    "scheduled_charges": "a scheduled charge",
    "commits": "a commit",
    "recurring_commits": "a recurring commit",
}
_RECURRING_ONLY = ("frequency", "amount", "amount_distribution")


def products_that_are_not_fixed(book: Book) -> Iterator[Diagnostic]:
    """What states its own amount names a fixed product."""
    for relation, what in _STATE_AMOUNTS.items():
        for row in book.rows(relation):
            product_id = row.text("product_id")
            product_type = book.product_type(product_id)
            if product_type not in ("", "fixed"):
                message = (
                    f"{product_id} is a {product_type} product; {what} names one whose"
                    " product_type is fixed."
                )
                yield book.tables[relation].problem(
                    row, "product_id", "not-a-fixed-product", message
                )


def charges_stated_twice_or_by_halves(book: Book) -> Iterator[Diagnostic]:
    """A charge has listed dates or recurs, never both, and neither by halves."""
    items = {row.text("scheduled_charge_id") for row in book.rows("scheduled_charge_items")}
    place = file_of(book, BY_NAME["scheduled_charge_items"])
    for row in book.rows("scheduled_charges"):
        table = book.tables["scheduled_charges"]
        given = [name for name in _RECURRING_ONLY if row.is_given(name)]
        if row.text("scheduled_charge_id") in items:
            for name in given:
                message = (
                    f"{place} lists the dates of this charge, so {name} has no effect."
                    " Leave it blank, or delete the dates."
                )
                yield table.problem(row, name, "listed-and-recurring", message)
        elif given:
            yield from _half_recurring(book, row)
        elif book.knows("scheduled_charge_items") and row.reads(*_RECURRING_ONLY):
            message = (
                f"The charge has no date: add rows to {place}, or fill in frequency and amount."
            )
            yield table.problem(row, "scheduled_charge_id", "charge-without-dates", message)


def _half_recurring(book: Book, row: Row) -> Iterator[Diagnostic]:
    table = book.tables["scheduled_charges"]
    for name, what in (("frequency", "how often"), ("amount", "how much")):
        if row.is_blank(name):
            message = f"A recurring charge says {what}: fill in {name}."
            yield table.problem(row, name, "half-a-recurring-charge", message)


def charges_that_never_fall(book: Book) -> Iterator[Diagnostic]:
    """A recurring charge starts before its contract's end, and a divided one has an end."""
    contracts = {row.text("contract_id"): row for row in book.rows("contracts")}
    for row in book.rows("scheduled_charges"):
        table = book.tables["scheduled_charges"]
        contract = contracts.get(row.text("contract_id"))
        if contract is None or not row.reads("starting_at", "ending_before"):
            continue
        start, end = row.time("starting_at"), row.time("ending_before")
        contract_start, contract_end = contract.time("starting_at"), contract.time("ending_before")
        if start and not end and contract_end and start >= contract_end:
            message = (
                f"The charge ends with its contract, before {time_text(contract_end)}:"
                " it would never fall. Start it earlier, or state its ending_before."
            )
            yield table.problem(row, "starting_at", "charge-never-falls", message)
        if end and not start and contract_start and end <= contract_start:
            message = (
                f"The charge starts with its contract, at {time_text(contract_start)}:"
                " it would never fall. End it later, or state its starting_at."
            )
            yield table.problem(row, "ending_before", "charge-never-falls", message)
        is_endless = not end and contract.is_blank("ending_before")
        if row.text("amount_distribution") == "divided" and is_endless:
            message = (
                "An amount is divided among all dates up to an end, and neither the charge nor its"
                " contract has one. Fill in ending_before."
            )
            yield table.problem(row, "ending_before", "divided-without-end", message)


def divided_amounts_too_fine(book: Book) -> Iterator[Diagnostic]:
    """Parts are whole minor units, and so is what they add up to."""
    cards = {row.text("contract_id"): row.text("rate_card_id") for row in book.rows("contracts")}
    for row in book.rows("scheduled_charges"):
        currency = book.currency_by_card.get(cards.get(row.text("contract_id"), ""), "")
        amount, places = row.number("amount"), MINOR_UNITS.get(currency)
        if amount is None or places is None or row.text("amount_distribution") != "divided":
            continue
        rounded = amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        if rounded != amount:
            message = (
                f"{currency} has {places} decimal places, and so has each part:"
                f" they add up to {rounded:f}, not to {amount.normalize():f}."
            )
            yield book.tables["scheduled_charges"].problem(
                row, "amount", "divided-too-fine", message, severity=Severity.WARNING
            )


RULES: tuple[Rule, ...] = (
    products_that_are_not_fixed,
    charges_stated_twice_or_by_halves,
    charges_that_never_fall,
    divided_amounts_too_fine,
)
