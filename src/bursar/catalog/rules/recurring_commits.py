"""Rules of recurring commits: what each grant is invoiced as, and how it is prorated.

Their units, terms and products follow the rules of all that contracts hold.
"""

from __future__ import annotations

from collections.abc import Iterator

from bursar.catalog.book import Book, Rule
from bursar.errors import Diagnostic, Severity

_ROUNDING = ("proration_decimal_places", "proration_rounding_method")


def purchases_without_a_product(book: Book) -> Iterator[Diagnostic]:
    """The line of each period's purchase is named by a product."""
    for row in book.rows("recurring_commits"):
        is_bought = bool(row.number("invoice_amount")) and row.text("commit_type") == "prepaid"
        if is_bought and row.is_blank("product_id"):
            message = (
                "Each grant is invoiced, and the line is named by a product:"
                " fill in product_id, with a fixed one."
            )
            yield book.tables["recurring_commits"].problem(row, "product_id", "no-product", message)


def rounding_of_whole_grants(book: Book) -> Iterator[Diagnostic]:
    """Only what is prorated is rounded."""
    for row in book.rows("recurring_commits"):
        given = [name for name in _ROUNDING if row.is_given(name)]
        if row.text("proration") == "none" and row.is_given("proration_rounding_method"):
            message = (
                f"Nothing is prorated, so {' and '.join(given)} have no effect:"
                " make proration first, last or first_and_last, or leave them blank."
            )
            yield book.tables["recurring_commits"].problem(
                row, given[0], "rounding-without-proration", message, severity=Severity.WARNING
            )


RULES: tuple[Rule, ...] = (purchases_without_a_product, rounding_of_whole_grants)
