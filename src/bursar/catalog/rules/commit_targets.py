"""Rules of what balances pay for: products, tags, specifiers, and the rates they are priced by.

What fits nothing is a warning: it may be meant for later, and a bill is not wrong for it. Tags and
group values are told apart in ``bursar.catalog.rules.override_targets``.
"""

from __future__ import annotations

from collections.abc import Iterator

from bursar.catalog.book import Book, Rule, file_of
from bursar.catalog.relations import BY_NAME
from bursar.catalog.table import Row
from bursar.errors import Diagnostic, Severity
from bursar.words import listed

_APPLICABLE = ("applicable_product_ids", "applicable_product_tags")
_BALANCES = ("commits", "recurring_commits")


def fixed_products_that_are_never_paid(book: Book) -> Iterator[Diagnostic]:
    """Scheduled charges, purchases and true-ups are never paid by balances."""
    named = [
        (relation, row, "applicable_product_ids", row.items("applicable_product_ids"))
        for relation in _BALANCES
        for row in book.rows(relation)
    ]
    named += [
        ("commit_specifiers", row, "product_id", (row.text("product_id"),))
        for row in book.rows("commit_specifiers")
    ]
    for relation, row, column, product_ids in named:
        for product_id in product_ids:
            if book.product_type(product_id) == "fixed":
                message = (
                    f"{product_id} is a fixed product: scheduled charges, purchases and true-ups"
                    " are never paid by balances, so naming it has no effect."
                )
                yield book.tables[relation].problem(
                    row, column, "never-paid", message, part=product_id, severity=Severity.WARNING
                )


def specifiers_beside_products(book: Book) -> Iterator[Diagnostic]:
    """A commit with specifiers has no applicable products or tags of its own."""
    place = file_of(book, BY_NAME["commit_specifiers"])
    told: set[str] = set()
    for specifier in book.rows("commit_specifiers"):
        commit_id = specifier.text("commit_id")
        row = book.commits.get(commit_id)
        if row is None or commit_id in told:
            continue
        told.add(commit_id)
        for column in _APPLICABLE:
            if row.is_given(column):
                message = (
                    f"The commit has specifiers ({place}:{specifier.line}), which alone say what it"
                    f" pays for. Leave {column} blank, or say it in a row there."
                )
                yield book.tables["commits"].problem(
                    row, column, "products-beside-specifiers", message
                )


def specifiers_that_fit_no_product(book: Book) -> Iterator[Diagnostic]:
    """A specifier's tags must all be on one version of a product."""
    if not book.knows("products"):
        return
    known = {tag for row in book.rows("products") for tag in row.items("tags")}
    fits: dict[tuple[str, frozenset[str]], bool] = {}
    for row in book.rows("commit_specifiers"):
        product_id, tags = row.text("product_id"), frozenset(row.items("product_tags"))
        if not tags or not tags <= known or (product_id and product_id not in book.products):
            continue
        if (product_id, tags) not in fits:
            versions = book.products[product_id] if product_id else book.rows("products")
            fits[product_id, tags] = any(tags <= set(found.items("tags")) for found in versions)
        if not fits[product_id, tags]:
            whose = f"No version of {product_id}" if product_id else "No product"
            message = (
                f"{whose} has all of its tags ({listed(row.items('product_tags'))}), so the"
                " specifier fits nothing. Alternatives are rows of their own."
            )
            yield book.tables["commit_specifiers"].problem(
                row, "product_tags", "specifier-fits-nothing", message, severity=Severity.WARNING
            )


def commit_rates_that_are_not_there(book: Book) -> Iterator[Diagnostic]:
    """What is priced by commit rates needs some on the card."""
    if not book.knows("rates"):
        return
    cards = {r.text("rate_card_id") for r in book.rows("rates") if r.text("rate_basis") == "commit"}
    for relation in (*_BALANCES, "contract_overrides"):
        what = "an override of them acts on nothing"
        if relation != "contract_overrides":
            what = "what it pays for is priced by list rates"
        for row in book.rows(relation):
            if row.text("rate_basis") != "commit":
                continue
            of = _cards(book, row)
            if of and not of & cards:
                message = (
                    f"No rate of the card {listed(sorted(of))} has the rate_basis commit: {what}."
                )
                yield book.tables[relation].problem(
                    row, "rate_basis", "no-commit-rate", message, severity=Severity.WARNING
                )


def _cards(book: Book, row: Row) -> frozenset[str]:
    """The rate cards of what a balance may pay for; none if a contract is not known."""
    if row.is_blank("contract_id"):
        return book.cards_by_customer.get(row.text("customer_id"), frozenset()) - {""}
    contract = book.contract_of(row)
    return frozenset({contract.text("rate_card_id")} - {""} if contract else ())


RULES: tuple[Rule, ...] = (
    fixed_products_that_are_never_paid,
    specifiers_beside_products,
    specifiers_that_fit_no_product,
    commit_rates_that_are_not_there,
)
