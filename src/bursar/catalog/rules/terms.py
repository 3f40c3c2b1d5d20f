"""Rules of dates within dates: what belongs to a contract lives within the contract's term.

Owns the term, for every rule that asks when something holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from bursar.catalog.book import Book, Rule
from bursar.catalog.table import Row
from bursar.catalog.values import time_text
from bursar.errors import Diagnostic, Severity

_ALWAYS = datetime.min.replace(tzinfo=UTC)
_FOREVER = datetime.max.replace(tzinfo=UTC)
# What has a term within its contract's: what it would do outside, and what becomes of it beyond.
_WITHIN_CONTRACTS = {
    "subscriptions": ("this subscription would never be charged", "the subscription is cut"),
    "commit_segments": ("this segment would never be usable", "the segment is cut"),
    "recurring_commits": ("this recurring commit would never grant", "the grants are cut"),
}
# An amount is the same, however much of the time to use it is cut away at its start.
_LOSE_NOTHING_BY_STARTING_EARLY = ("commit_segments",)


@dataclass(frozen=True)
class Term:
    """From when to before when; what is blank does not bound.

    Args:
        start: The first instant; the earliest there is if nothing says it.
        end: The first instant that no longer counts; the latest there is if nothing says it.
    """

    start: datetime
    end: datetime

    @property
    def is_endless(self) -> bool:
        """Whether nothing ends it."""
        return self.end == _FOREVER

    def cut_to(self, other: Term) -> Term:
        """What is in both; its end may be before its start."""
        return Term(max(self.start, other.start), min(self.end, other.end))

    def told(self) -> str:
        """The term in a sentence: from 2026-01-01 to before 2027-01-01."""
        until = "" if self.is_endless else f" to before {time_text(self.end)}"
        return f"from {time_text(self.start)}{until}"


def term_of(row: Row) -> Term | None:
    """The row's own term; none if one of its dates does not read."""
    if not row.reads("starting_at", "ending_before"):
        return None
    return Term(row.time("starting_at") or _ALWAYS, row.time("ending_before") or _FOREVER)


def term_within_contract(book: Book, row: Row) -> Term | None:
    """The row's term, cut to its contract's if it has one; none if a date does not read."""
    term, contract = term_of(row), book.contract_of(row)
    if term is None or contract is None:
        return term
    around = term_of(contract)
    return around and term.cut_to(around)


def terms_beyond_the_contract(book: Book) -> Iterator[Diagnostic]:
    """What a contract holds is charged, granted and usable while the contract runs."""
    arounds = {contract_id: term_of(row) for contract_id, row in book.contracts.items()}
    for relation, (never, cut) in _WITHIN_CONTRACTS.items():
        for row in book.rows(relation):
            contract = book.contract_of(row)
            around = arounds[contract.text("contract_id")] if contract else None
            term = term_of(row)
            # A term that runs backwards is named by the rule of spans, once.
            if not around or not term or term.end <= term.start:
                continue
            table = book.tables[relation]
            is_late = term.start >= around.end
            is_early = _ALWAYS < term.start < around.start
            sticks_out = term.end > around.end and not term.is_endless
            column = "ending_before" if sticks_out and not is_late else "starting_at"
            told = f"The contract runs {around.told()}"
            if is_late or term.end <= around.start:
                column = "starting_at" if is_late else "ending_before"
                message = f"{told}: {never}."
                yield table.problem(row, column, "outside-the-contract", message)
            elif sticks_out or (is_early and relation not in _LOSE_NOTHING_BY_STARTING_EARLY):
                message = f"{told}; {cut} to that."
                yield table.problem(
                    row, column, "beyond-the-contract", message, severity=Severity.WARNING
                )


RULES: tuple[Rule, ...] = (terms_beyond_the_contract,)
