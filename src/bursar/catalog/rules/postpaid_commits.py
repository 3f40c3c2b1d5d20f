"""Rules of postpaid commits: a promise of money by a date, and the true-up that settles it."""

from __future__ import annotations

from collections.abc import Iterator

from bursar.catalog.book import Book, Rule, file_of
from bursar.catalog.relations import BY_NAME
from bursar.catalog.rules.terms import Term, term_of, term_within_contract
from bursar.catalog.table import Row
from bursar.catalog.values import time_text
from bursar.errors import Diagnostic


def promises_in_other_units(book: Book) -> Iterator[Diagnostic]:
    """What is promised is money: a true-up is in the currency of the card."""
    for row in _postpaid(book):
        unit = row.text("pricing_unit")
        if unit in book.custom_units:
            contract = book.contracts.get(
                row.text("contract_id") or row.text("invoice_contract_id")
            )
            card = contract.text("rate_card_id") if contract else ""
            currency = book.currency_by_card.get(card, "")
            write = f"write {currency}, the currency of the card {card}" if currency else "name one"
            message = f"A postpaid commit is in a currency, not in {unit}: {write}."
            yield book.tables["commits"].problem(row, "pricing_unit", "not-in-money", message)


def promises_that_roll_over(book: Book) -> Iterator[Diagnostic]:
    """What is left of a promise is trued up."""
    for row in _postpaid(book):
        if row.is_given("rollover_fraction"):
            message = (
                "What is left of a postpaid commit is invoiced as its true-up and does not roll"
                " over: leave rollover_fraction blank."
            )
            yield book.tables["commits"].problem(
                row, "rollover_fraction", "postpaid-rolls-over", message
            )


def promises_in_several_rows(book: Book) -> Iterator[Diagnostic]:
    """A postpaid commit has one segment and one true-up."""
    for commit in _postpaid(book):
        commit_id = commit.text("commit_id")
        for relation, column, rows in (
            ("commit_segments", "starting_at", book.segments.get(commit_id, ())),
            ("commit_invoices", "invoice_at", book.commit_invoices.get(commit_id, ())),
        ):
            for row in rows[1:]:
                message = (
                    f"The postpaid commit {commit_id} has its row on line {rows[0].line} already."
                    " It has exactly one: make this a commit of its own."
                )
                yield book.tables[relation].problem(row, column, "promised-twice", message)


def promises_without_a_true_up(book: Book) -> Iterator[Diagnostic]:
    """A promise is settled on a date."""
    if not book.knows("commit_invoices"):
        return
    place = file_of(book, BY_NAME["commit_invoices"])
    for row in _postpaid(book):
        commit_id = row.text("commit_id")
        if not commit_id or commit_id in book.commit_invoices:
            continue
        segments = book.segments.get(commit_id, ())
        amount = segments[0].number("amount") if segments else None
        term = term_within_contract(book, segments[0]) if segments else None
        at = time_text(term.end) if term and not term.is_endless else "<invoice_at>"
        told = "<amount>" if amount is None else f"{amount:f}"
        message = f"{place} has no true-up of it. Add the row {commit_id},{at},{told},false."
        yield book.tables["commits"].problem(row, "commit_id", "no-true-up", message)


def true_ups_that_do_not_fit(book: Book) -> Iterator[Diagnostic]:
    """A true-up is of what was promised, and not before all that may count has been used."""
    for commit in _postpaid(book):
        commit_id = commit.text("commit_id")
        segments = book.segments.get(commit_id, ())
        invoices = book.commit_invoices.get(commit_id, ())
        if len(segments) != 1 or len(invoices) != 1:
            continue
        segment, invoice = segments[0], invoices[0]
        yield from _other_amount(book, segment, invoice)
        term = term_within_contract(book, segment)
        if term is not None and term.start < term.end:
            yield from _too_early(book, segment, invoice, term)


def _other_amount(book: Book, segment: Row, invoice: Row) -> Iterator[Diagnostic]:
    promised, trued_up = segment.number("amount"), invoice.number("amount")
    if promised is not None and trued_up is not None and promised != trued_up:
        place = f"{file_of(book, BY_NAME['commit_segments'])}:{segment.line}"
        message = (
            f"A true-up's amount is the segment's ({place}):"
            f" {promised:f}, not {trued_up:f}. What was matched is taken off by itself."
        )
        yield book.tables["commit_invoices"].problem(
            invoice, "amount", "true-up-of-another-amount", message
        )


def _too_early(book: Book, segment: Row, invoice: Row, term: Term) -> Iterator[Diagnostic]:
    at = invoice.time("invoice_at")
    if term.is_endless:
        message = (
            "Neither the segment nor its contract ends, so no true-up can follow:"
            " say until when usage counts, in ending_before."
        )
        yield book.tables["commit_segments"].problem(
            segment, "ending_before", "no-end-to-true-up", message
        )
    elif at is not None and at < term.end:
        own = term_of(segment)
        is_own = own is not None and own.end == term.end
        ends = "The segment ends" if is_own else "The segment ends with its contract,"
        message = (
            f"{ends} before {time_text(term.end)}, and usage counts until then:"
            f" invoice_at is {time_text(term.end)} or later."
        )
        yield book.tables["commit_invoices"].problem(
            invoice, "invoice_at", "true-up-too-early", message
        )


def _postpaid(book: Book) -> Iterator[Row]:
    return (row for row in book.rows("commits") if row.text("commit_type") == "postpaid")


RULES: tuple[Rule, ...] = (
    promises_in_other_units,
    promises_that_roll_over,
    promises_in_several_rows,
    promises_without_a_true_up,
    true_ups_that_do_not_fit,
)
