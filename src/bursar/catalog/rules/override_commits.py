"""Rules of overrides that act on what a balance pays: which balances, and what of it they price.

What acts on nothing where it stands is a warning; what would act on more than was meant is not.
"""

from __future__ import annotations

from collections.abc import Iterator

from bursar.catalog.book import Book, Rule
from bursar.catalog.table import Row
from bursar.errors import Diagnostic, Severity


def commit_ids_that_narrow_nothing(book: Book) -> Iterator[Diagnostic]:
    """An override that is not of balances acts on all usage, whatever commits it names."""
    for row in book.rows("contract_overrides"):
        if not row.is_given("commit_ids") or not row.reads("is_commit_specific", "rate_basis"):
            continue
        if not _is_of_balances(row):
            message = (
                "The override acts on all usage, whoever pays: make is_commit_specific true to act"
                " on what these balances pay alone, or leave commit_ids blank."
            )
            yield book.tables["contract_overrides"].problem(
                row, "commit_ids", "commit-ids-without-use", message
            )


def balances_that_never_meet_the_override(book: Book) -> Iterator[Diagnostic]:
    """An override acts on its own contract, so a balance it names must pay there."""
    for row in book.rows("contract_overrides"):
        contract_id = row.text("contract_id")
        contract = book.contracts.get(contract_id)
        if contract is None or not _is_of_balances(row):
            continue
        for commit_id in row.items("commit_ids"):
            commit = _balance(book, commit_id)
            whose = _elsewhere(commit, contract) if commit else ""
            if commit and whose:
                message = (
                    f"{commit_id} is a balance of {whose} and never pays on {contract_id}, where"
                    " the override acts."
                )
                if commit.text("contract_id") == contract.text("renews_contract_id") != "":
                    message += " What rolls over from it is a balance that no override can name."
                yield book.tables["contract_overrides"].problem(
                    row,
                    "commit_ids",
                    "balance-of-another-contract",
                    message,
                    part=commit_id,
                    severity=Severity.WARNING,
                )


def _balance(book: Book, commit_id: str) -> Row | None:
    """The commit, or recurring commit, that an override names."""
    return book.commits.get(commit_id) or book.recurring_commits.get(commit_id)


def _elsewhere(commit: Row, contract: Row) -> str:
    """Whose balance it is, if it cannot pay on the contract."""
    contract_id, customer_id = contract.text("contract_id"), contract.text("customer_id")
    if owner := commit.text("contract_id"):
        return "" if owner == contract_id else f"the contract {owner}"
    if (holder := commit.text("customer_id")) != customer_id:
        return f"the customer {holder}" if holder else ""
    applicable = commit.items("applicable_contract_ids")
    return f"other contracts of {holder}" if applicable and contract_id not in applicable else ""


def entitlement_by_balance(book: Book) -> Iterator[Diagnostic]:
    """Whether a product may be used is asked before anybody knows who pays."""
    for row in book.rows("contract_overrides"):
        if _is_of_balances(row) and row.is_given("is_entitled"):
            message = (
                "Whether a product may be used does not depend on the balance that pays:"
                " is_entitled has no effect here. State it in an override of its own."
            )
            yield book.tables["contract_overrides"].problem(
                row, "is_entitled", "entitled-by-balance", message, severity=Severity.WARNING
            )


def own_prices_of_other_charges(book: Book) -> Iterator[Diagnostic]:
    """Only usage has a price of the balance that pays for it."""
    for row in book.rows("contract_overrides"):
        product_id = row.text("product_id")
        product_type = book.product_type(product_id)
        if _is_of_balances(row) and product_type in ("subscription", "composite"):
            message = (
                f"Balances pay for usage alone at prices of their own; {product_id} is a"
                f" {product_type} product, so the override acts on nothing."
            )
            yield book.tables["contract_overrides"].problem(
                row, "product_id", "not-priced-by-balances", message, severity=Severity.WARNING
            )


def commit_rates_for_list_balances(book: Book) -> Iterator[Diagnostic]:
    """An override of commit rates acts for balances that are priced by them."""
    for row in book.rows("contract_overrides"):
        if row.text("rate_basis") != "commit":
            continue
        for commit_id in row.items("commit_ids"):
            commit = _balance(book, commit_id)
            if commit and commit.text("rate_basis") == "list":
                message = (
                    f"{commit_id} is priced by list rates, so an override of commit rates never"
                    " acts for it. Make the rate_basis of one that of the other."
                )
                yield book.tables["contract_overrides"].problem(
                    row,
                    "commit_ids",
                    "balance-at-list-rates",
                    message,
                    part=commit_id,
                    severity=Severity.WARNING,
                )


def own_prices_in_other_units(book: Book) -> Iterator[Diagnostic]:
    """A balance's own price in another unit than the balance's is ignored."""
    for row in book.rows("contract_overrides"):
        # Without a unit of its own an overwrite keeps the rate's.
        unit = row.text("pricing_unit")
        if not unit or not _is_of_balances(row):
            continue
        for commit_id in row.items("commit_ids"):
            commit = _balance(book, commit_id)
            held = _unit(book, commit) if commit else ""
            if held and unit != held:
                message = (
                    f"{commit_id} is in {held}, and a price in {unit} is not one that it can pay:"
                    f" the override does nothing for it. State pricing_unit {held} and its price."
                )
                yield book.tables["contract_overrides"].problem(
                    row,
                    "pricing_unit",
                    "own-price-in-another-unit",
                    message,
                    severity=Severity.WARNING,
                )


def _unit(book: Book, row: Row) -> str:
    """What a balance is in: the currency of its contract's card, unless it says otherwise."""
    contract = book.contracts.get(row.text("contract_id"))
    card = contract.text("rate_card_id") if contract else ""
    return row.text("pricing_unit") or book.currency_by_card.get(card, "")


def _is_of_balances(row: Row) -> bool:
    return row.flag("is_commit_specific") or row.text("rate_basis") == "commit"


RULES: tuple[Rule, ...] = (
    commit_ids_that_narrow_nothing,
    balances_that_never_meet_the_override,
    entitlement_by_balance,
    own_prices_of_other_charges,
    commit_rates_for_list_balances,
    own_prices_in_other_units,
)
