"""Rules of customers and their aliases."""

from __future__ import annotations

from collections.abc import Iterator

from bursar.catalog.book import Book, Rule
from bursar.errors import Diagnostic


def aliases_that_are_customers(book: Book) -> Iterator[Diagnostic]:
    """An alias equal to a customer's id would make an event two customers'."""
    lines = {row.text("customer_id"): row.line for row in book.rows("customers")}
    for row in book.rows("customer_aliases"):
        alias = row.text("ingest_alias")
        if alias and alias in lines:
            table = book.tables["customer_aliases"]
            customers = book.tables["customers"].path
            message = (
                f"{alias} is a customer's own id ({customers}:{lines[alias]})."
                " Events under it are that customer's; an alias is another name."
            )
            yield table.problem(row, "ingest_alias", "alias-is-a-customer", message)


RULES: tuple[Rule, ...] = (aliases_that_are_customers,)
