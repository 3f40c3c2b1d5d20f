"""Rules of whose a commit is: a contract's or a customer's, under what id, and who is invoiced.

Owns the two levels. It leaves units to ``bursar.catalog.rules.units``, and amounts and what is paid
for to the rules of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bursar.catalog.book import Book, Rule, file_of
from bursar.catalog.relations import BY_NAME
from bursar.catalog.table import Row
from bursar.errors import Diagnostic, Severity
from bursar.words import listed

_ROLLOVER = "rollover:"

# The id that a recurring commit's grant has: the recurring commit's, and when its period starts.
_GRANT = re.compile(r"(?P<parent>.+):\d{4}-\d{2}-\d{2}(T\d{2})?", re.ASCII)
_CUSTOMER_LEVEL_ONLY = {
    "applicable_contract_ids": "pays on that contract alone",
    "invoice_contract_id": "is invoiced on that contract",
}


def is_customer_level(row: Row) -> bool:
    """Whether a commit is a customer's, on all contracts, and no contract's own."""
    return row.is_blank("contract_id")


def commits_of_nobody_or_of_two(book: Book) -> Iterator[Diagnostic]:
    """A commit is a contract's, or a customer's."""
    for row in book.rows("commits"):
        table = book.tables["commits"]
        if is_customer_level(row) and row.is_blank("customer_id"):
            message = (
                "A commit is a contract's or, at customer level, a customer's:"
                " fill in contract_id, or else customer_id."
            )
            yield table.problem(row, "contract_id", "commit-of-nobody", message)
        contract, customer_id = book.contract_of(row), row.text("customer_id")
        if contract is None or not customer_id:
            continue
        contract_id, owner = row.text("contract_id"), contract.text("customer_id")
        if customer_id != owner:
            message = (
                f"{contract_id} is a contract of {owner}, not of {customer_id}. Leave customer_id"
                f" blank; for a commit of {customer_id} leave contract_id blank instead."
            )
            yield table.problem(row, "customer_id", "commit-of-two", message)
        else:
            message = (
                f"With a contract_id this is a commit of {contract_id} alone. Leave customer_id"
                f" blank; for one on all contracts of {owner} leave contract_id blank instead."
            )
            yield table.problem(
                row, "customer_id", "commit-of-two", message, severity=Severity.WARNING
            )


def contract_commits_that_name_other_contracts(book: Book) -> Iterator[Diagnostic]:
    """A contract's commit pays and is invoiced on that contract."""
    for row in book.rows("commits"):
        if is_customer_level(row):
            continue
        for name, what in _CUSTOMER_LEVEL_ONLY.items():
            if row.is_given(name):
                message = (
                    f"A commit with a contract_id {what}: leave {name} blank,"
                    " or make it a customer's, by customer_id instead of contract_id."
                )
                yield book.tables["commits"].problem(row, name, "not-at-customer-level", message)


def contracts_of_other_customers(book: Book) -> Iterator[Diagnostic]:
    """A customer-level commit names its customer's own contracts."""
    for row in book.rows("commits"):
        customer_id = row.text("customer_id")
        if not is_customer_level(row) or not customer_id:
            continue
        applicable = row.items("applicable_contract_ids")
        named = [("applicable_contract_ids", contract_id) for contract_id in applicable]
        named.append(("invoice_contract_id", row.text("invoice_contract_id")))
        for column, contract_id in named:
            contract = book.contracts.get(contract_id)
            if contract is None or contract.text("customer_id") in ("", customer_id):
                continue
            own = book.contract_ids_by_customer.get(customer_id, ())
            message = (
                f"{contract_id} is a contract of {contract.text('customer_id')}; the commit is"
                f" {customer_id}'s, whose contracts are {listed(own) or 'none'}."
            )
            yield book.tables["commits"].problem(
                row, column, "contract-of-another-customer", message, part=contract_id
            )


def invoiced_commits_without_an_invoice(book: Book) -> Iterator[Diagnostic]:
    """A purchase or true-up has a contract on whose invoice it is, and a product that names it."""
    place = file_of(book, BY_NAME["commit_invoices"])
    for commit_id, invoices in book.commit_invoices.items():
        row = book.commits.get(commit_id)
        invoice = next((found for found in invoices if is_invoiced(found)), None)
        if row is None or invoice is None:
            continue
        table, where = book.tables["commits"], f"{place}:{invoice.line}"
        customer_id = row.text("customer_id") if is_customer_level(row) else ""
        if customer_id and row.is_blank("invoice_contract_id"):
            own = book.contract_ids_by_customer.get(customer_id, ())
            has = f" Contracts of {customer_id}: {listed(own)}." if own else ""
            message = (
                f"{where} invoices this commit: say on which contract, in invoice_contract_id,"
                f" or make its do_not_invoice true.{has}"
            )
            yield table.problem(row, "invoice_contract_id", "nobody-to-invoice", message)
        if row.is_blank("product_id"):
            message = (
                f"{where} invoices this commit, and the line is named by a product:"
                " fill in product_id, with a fixed one."
            )
            yield table.problem(row, "product_id", "no-product", message)


def is_invoiced(invoice: Row) -> bool:
    """Whether a row of commit_invoices makes a line: there is none for 0."""
    return not invoice.flag("do_not_invoice") and bool(invoice.number("amount"))


def ids_that_others_make(book: Book) -> Iterator[Diagnostic]:
    """Grants and rollovers are commits of their own, with ids that are made for them."""
    place = file_of(book, BY_NAME["recurring_commits"])
    for relation, column in (
        ("commits", "commit_id"),
        ("recurring_commits", "recurring_commit_id"),
    ):
        for row in book.rows(relation):
            commit_id, message = row.text(column), ""
            grant = _GRANT.fullmatch(commit_id)
            parent = book.recurring_commits.get(grant["parent"]) if grant else None
            other = book.recurring_commits.get(commit_id) if relation == "commits" else None
            if f"{commit_id}:".startswith(_ROLLOVER):
                message = (
                    f"Ids that begin with {_ROLLOVER} are those of what rolls over into a"
                    " renewal. Give the commit another id."
                )
            elif parent is not None:
                message = (
                    f"Grants of the recurring commit {parent.text('recurring_commit_id')}"
                    f" ({place}:{parent.line}) have such ids. Give the commit another one."
                )
            elif commit_id and other is not None:
                message = (
                    f"A recurring commit has that id, too ({place}:{other.line});"
                    " an override's commit_ids could mean either. Give one another id."
                )
            if message:
                yield book.tables[relation].problem(row, column, "id-of-others", message)


RULES: tuple[Rule, ...] = (
    commits_of_nobody_or_of_two,
    contract_commits_that_name_other_contracts,
    contracts_of_other_customers,
    invoiced_commits_without_an_invoice,
    ids_that_others_make,
)
