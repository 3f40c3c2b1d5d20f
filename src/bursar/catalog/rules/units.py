"""Rules of pricing units: what is priced, granted or promised is in something its card knows.

A card knows its currency, and the custom units that it converts.
"""

from __future__ import annotations

from collections.abc import Iterator

from bursar.catalog.book import Book, Rule, file_of
from bursar.catalog.currencies import MINOR_UNITS
from bursar.catalog.relations import BY_NAME
from bursar.catalog.rules.commits import is_customer_level
from bursar.catalog.table import Row
from bursar.errors import Diagnostic, Severity
from bursar.words import listed

# What names a unit beside a contract, and how a sentence calls it.
_ON_CONTRACTS = {
    "contract_overrides": "an override of its rates",
    "commits": "a commit on it",
    "recurring_commits": "a commit on it",
}
# Where one sees what a customer's contracts are priced in.
_PRICED_BY = ("contracts", "rate_cards", "pricing_unit_conversions")


def units_that_the_card_lacks(book: Book) -> Iterator[Diagnostic]:
    """A unit is the card's currency, or a custom unit that the card converts."""
    elsewhere = " Leave the unit blank, or put the rate on a card of that currency."
    for row in book.rows("rates"):
        card = row.text("rate_card_id")
        yield from _unit_that_the_card_lacks(book, "rates", row, card, "a rate on it", elsewhere)
    for relation, what in _ON_CONTRACTS.items():
        for row in book.rows(relation):
            contract = book.contracts.get(row.text("contract_id"))
            card = contract.text("rate_card_id") if contract else ""
            yield from _unit_that_the_card_lacks(
                book, relation, row, card, what, " Leave the unit blank."
            )


def _unit_that_the_card_lacks(
    book: Book, relation: str, row: Row, card: str, what: str, remedy: str
) -> Iterator[Diagnostic]:
    table, unit = book.tables[relation], row.text("pricing_unit")
    currency = book.currency_by_card.get(card, "")
    if not unit or not currency or unit == currency:
        return
    if unit in MINOR_UNITS:
        message = f"The card {card} is in {currency}; {what} cannot be in {unit}.{remedy}"
        yield table.problem(row, "pricing_unit", "other-currency", message)
    elif (
        unit in book.custom_units
        and (card, unit) not in book.conversions
        and row.text("commit_type") != "postpaid"
        and book.knows("pricing_unit_conversions")
    ):
        conversions = file_of(book, BY_NAME["pricing_unit_conversions"])
        message = (
            f"{conversions} does not say what {unit} is worth on the card {card}."
            f" Add the row {card},{unit},<price in {currency}>."
        )
        yield table.problem(row, "pricing_unit", "no-conversion", message)


def customer_commits_without_a_unit(book: Book) -> Iterator[Diagnostic]:
    """No card says what a customer-level commit is in."""
    for row in book.rows("commits"):
        is_silent = row.is_blank("pricing_unit") and row.is_given("customer_id")
        if not is_customer_level(row) or not is_silent:
            continue
        currencies = sorted({unit for unit in _units_of(book, row) if unit in MINOR_UNITS})
        write = f" Write {' or '.join(currencies)}." if currencies else ""
        message = (
            "A customer's contracts may have cards in several currencies, so a customer-level"
            f" commit states its pricing_unit.{write}"
        )
        yield book.tables["commits"].problem(row, "pricing_unit", "no-pricing-unit", message)


def customer_commits_in_foreign_units(book: Book) -> Iterator[Diagnostic]:
    """A customer-level commit pays in one unit, on contracts whose cards know it."""
    for row in book.rows("commits"):
        unit = row.text("pricing_unit")
        if not unit or not is_customer_level(row):
            continue
        table = book.tables["commits"]
        invoiced = book.contracts.get(row.text("invoice_contract_id"))
        card = invoiced.text("rate_card_id") if invoiced else ""
        currency = book.currency_by_card.get(card, "")
        known = _units_of(book, row)
        if currency and unit in MINOR_UNITS and unit != currency:
            message = (
                f"The commit is invoiced on {row.text('invoice_contract_id')}, whose card {card} is"
                f" in {currency}: it cannot be in {unit}. Write {currency},"
                f" or let a contract in {unit} be invoiced."
            )
            yield table.problem(row, "pricing_unit", "other-currency", message)
        elif known and unit not in known and book.knows(*_PRICED_BY):
            message = (
                f"No contract that the commit may pay for is priced in {unit}"
                f" (only in {listed(sorted(known))}), so it pays for nothing."
            )
            yield table.problem(
                row, "pricing_unit", "unit-on-no-card", message, severity=Severity.WARNING
            )


def _units_of(book: Book, commit: Row) -> set[str]:
    """What the cards of the contracts that a customer-level commit pays for know."""
    cards = book.cards_by_customer.get(commit.text("customer_id"), frozenset())
    if named := commit.items("applicable_contract_ids"):
        found = (book.contracts.get(contract_id) for contract_id in named)
        cards = frozenset(contract.text("rate_card_id") for contract in found if contract)
    return {unit for card in cards for unit in book.units_by_card.get(card, ())}


RULES: tuple[Rule, ...] = (
    units_that_the_card_lacks,
    customer_commits_without_a_unit,
    customer_commits_in_foreign_units,
)
