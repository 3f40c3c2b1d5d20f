"""Rules of what commits are worth, what they cost, and what of them rolls over.

It leaves postpaid commits, whose segment and invoice belong together, to
``bursar.catalog.rules.postpaid_commits``, and corrections by hand to
``bursar.catalog.rules.commit_adjustments``.
"""

from __future__ import annotations

from collections.abc import Iterator

from bursar.catalog.book import Book, Rule, file_of
from bursar.catalog.relations import BY_NAME
from bursar.catalog.rules.commits import is_customer_level
from bursar.catalog.rules.terms import Term, term_of
from bursar.catalog.table import Row
from bursar.catalog.values import time_text
from bursar.errors import Diagnostic, Severity


def commits_without_segments(book: Book) -> Iterator[Diagnostic]:
    """A commit is worth what its segments say."""
    if not book.knows("commit_segments"):
        return
    place = file_of(book, BY_NAME["commit_segments"])
    for row in book.rows("commits"):
        commit_id = row.text("commit_id")
        if commit_id and commit_id not in book.segments:
            message = (
                f"{place} has no amount of {commit_id}, so it is worth nothing."
                f" Add a row {commit_id},<starting_at>,<ending_before>,<amount>."
            )
            yield book.tables["commits"].problem(row, "commit_id", "no-segment", message)


def credits_that_cost_something(book: Book) -> Iterator[Diagnostic]:
    """A credit is given; what is bought is a prepaid commit."""
    for invoice in book.rows("commit_invoices"):
        commit = book.commits.get(invoice.text("commit_id"))
        if commit and commit.text("commit_type") == "credit" and invoice.number("amount"):
            message = (
                f"{commit.text('commit_id')} is a credit, which is given and costs nothing."
                " Delete the row, or make the commit prepaid."
            )
            yield book.tables["commit_invoices"].problem(
                invoice, "amount", "credit-with-a-price", message
            )
    for row in book.rows("recurring_commits"):
        if row.text("commit_type") == "credit" and row.number("invoice_amount"):
            message = (
                "A credit is given and costs nothing."
                " Leave invoice_amount blank, or make the commit_type prepaid."
            )
            yield book.tables["recurring_commits"].problem(
                row, "invoice_amount", "credit-with-a-price", message
            )


def rollovers_of_nothing(book: Book) -> Iterator[Diagnostic]:
    """What rolls over is left, at a contract's renewal, in segments that end with it."""
    for row in book.rows("commits"):
        if not row.number("rollover_fraction") or row.text("commit_type") == "postpaid":
            continue
        message = ""
        if is_customer_level(row):
            message = (
                "Commits roll over when their contract is renewed, and a customer-level commit has"
                " none: its rollover_fraction has no effect."
            )
        elif (end := _contract_end(book, row)) and _ends_before(book, row, end):
            message = (
                f"Only what is left in segments that end with the contract ({time_text(end.end)})"
                " rolls over, and all of these end earlier: the fraction has no effect."
            )
        if message:
            yield book.tables["commits"].problem(
                row, "rollover_fraction", "rolls-nothing-over", message, severity=Severity.WARNING
            )


def _contract_end(book: Book, commit: Row) -> Term | None:
    contract = book.contract_of(commit)
    term = term_of(contract) if contract else None
    return None if term is None or term.is_endless else term


def _ends_before(book: Book, commit: Row, contract: Term) -> bool:
    segments = book.segments.get(commit.text("commit_id"), ())
    terms = [term_of(segment) for segment in segments]
    return bool(terms) and all(term is not None and term.end < contract.end for term in terms)


RULES: tuple[Rule, ...] = (
    commits_without_segments,
    credits_that_cost_something,
    rollovers_of_nothing,
)
