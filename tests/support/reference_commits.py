"""The slow drawdown's commits: what is granted, to whom, and from when to when.

Owns reading commits, their segments, adjustments and purchases, and making ordinary commits of
recurring ones and of what rolls over. `reference_order` says what they may pay for and in which
order; `reference_draws` lets them pay.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from tests.support.reference_catalog import (
    Catalog,
    Row,
    ends,
    instant,
    starts,
    to_places,
)
from tests.support.reference_grants import Grant, grants
from tests.support.reference_lines import card_of


@dataclass(frozen=True)
class Purchase:
    """An invoice of a commit; of a postpaid one its true-up."""

    at: datetime
    amount: Decimal
    is_invoiced: bool


@dataclass(frozen=True)
class Adjustment:
    """What a correction by hand adds or takes, and when the ledger lists it."""

    at: datetime
    amount: Decimal
    reason: str


@dataclass(frozen=True)
class Commit:
    """A commit or credit, whichever way it came about.

    Args:
        row: What it says of itself; a recurring commit's grants say what that one says.
        commit_id: Its own id.
        contract: Whose it is; none at customer level.
        customer_id: Whose it is.
        pricing_unit: What its amounts are in.
        names: The ids by which an override may name it.
        specifiers: Its alternatives; none if its row says it all.
        access: All its access rows together, without adjustments.
        purchases: What it costs, and when.
        rolled_from: The commit that it rolled over from; blank for all others.
    """

    row: Row
    commit_id: str
    contract: Row | None
    customer_id: str
    pricing_unit: str
    names: frozenset[str]
    specifiers: tuple[Row, ...]
    access: Decimal
    purchases: tuple[Purchase, ...]
    rolled_from: str = ""

    @property
    def kind(self) -> str:
        """Prepaid, postpaid or credit."""
        return self.row["commit_type"]

    @property
    def contract_id(self) -> str:
        """The contract; blank at customer level."""
        return self.contract["contract_id"] if self.contract else ""

    @property
    def priority(self) -> int:
        """The lowest is used first."""
        return int(self.row.get("priority") or 100)

    @property
    def is_paid(self) -> bool:
        """Whether it costs anything, whoever invoices it."""
        return any(purchase.amount for purchase in self.purchases)

    @property
    def cost_basis(self) -> Decimal | None:
        """What a unit of it cost; none if there are no units."""
        if self.kind == "postpaid":
            return Decimal(1)
        paid = sum((p.amount for p in self.purchases), Decimal(0))
        if self.kind == "credit" or not paid:
            return Decimal(0)
        return to_places(paid / self.access) if self.access else None


@dataclass(frozen=True)
class Segment:
    """One amount of a commit, cut to its contract's term.

    Args:
        commit: Whose it is.
        stated_start: Its start before any cut.
        start: From when it may be used.
        end: Until when; FOREVER if it does not end.
        amount: What it held in the beginning.
        adjustments: What acts on it as of today, in order.
    """

    commit: Commit
    stated_start: datetime
    start: datetime
    end: datetime
    amount: Decimal
    adjustments: tuple[Adjustment, ...] = ()

    @property
    def key(self) -> tuple[str, datetime]:
        """What tells it from all others."""
        return self.commit.commit_id, self.stated_start


def commit_segments(catalog: Catalog, as_of: datetime) -> list[Segment]:
    """The segments of all commits, and of all grants whose period begins within the horizon."""
    found = []
    for row in catalog.get("commits", []):
        commit = _commit(catalog, row)
        for segment in catalog["commit_segments"]:
            if segment["commit_id"] == row["commit_id"]:
                found.append(_segment(catalog, commit, segment, as_of))
    for row in catalog.get("recurring_commits", []):
        contract = _contract(catalog, row["contract_id"])
        for grant in grants(contract, row, as_of):
            commit = _granted(catalog, contract, row, grant)
            found.append(Segment(commit, grant.start, grant.start, grant.end, grant.amount))
    return found


def rolled_over(old: Commit, renewal: Row, amount: Decimal) -> Segment:
    """The commit that a renewal has of what was left: the old one, but for its names and term."""
    commit_id = f"rollover:{old.commit_id}"
    commit = replace(
        old,
        commit_id=commit_id,
        contract=renewal,
        names=frozenset(),
        rolled_from=old.commit_id,
    )
    return Segment(commit, starts(renewal), starts(renewal), ends(renewal), amount)


def _contract(catalog: Catalog, contract_id: str) -> Row:
    return next(c for c in catalog["contracts"] if c["contract_id"] == contract_id)


def _commit(catalog: Catalog, row: Row) -> Commit:
    contract = _contract(catalog, row["contract_id"]) if row.get("contract_id") else None
    unit = row.get("pricing_unit", "")
    commit_id = row["commit_id"]
    segments = [s for s in catalog["commit_segments"] if s["commit_id"] == commit_id]
    return Commit(
        row,
        commit_id,
        contract,
        contract["customer_id"] if contract else row["customer_id"],
        unit or (card_of(catalog, contract)["currency"] if contract else ""),
        frozenset({commit_id}),
        tuple(s for s in catalog.get("commit_specifiers", []) if s["commit_id"] == commit_id),
        sum((Decimal(s["amount"]) for s in segments), Decimal(0)),
        tuple(
            Purchase(
                instant(i["invoice_at"]),
                Decimal(i["amount"]),
                i.get("do_not_invoice") != "true",
            )
            for i in catalog.get("commit_invoices", [])
            if i["commit_id"] == commit_id
        ),
    )


def _granted(catalog: Catalog, contract: Row, row: Row, grant: Grant) -> Commit:
    recurring_id = row["recurring_commit_id"]
    unit = row.get("pricing_unit") or card_of(catalog, contract)["currency"]
    bought: tuple[Purchase, ...] = ()
    if Decimal(row.get("invoice_amount") or 0):
        bought = (Purchase(grant.start, grant.cost, True),)
    name = f"{recurring_id}:{grant.name}"
    return Commit(
        row,
        name,
        contract,
        contract["customer_id"],
        unit,
        frozenset({recurring_id}),
        (),
        grant.amount,
        bought,
    )


def _segment(catalog: Catalog, commit: Commit, row: Row, as_of: datetime) -> Segment:
    term = (starts(commit.contract), ends(commit.contract)) if commit.contract else None
    start, end = starts(row), ends(row)
    if term:
        start, end = max(start, term[0]), min(end, term[1])
    amount = Decimal(row["amount"])
    adjustments = tuple(_adjustments(catalog, commit, row, start, as_of))
    return Segment(commit, starts(row), start, end, amount, adjustments)


def _adjustments(
    catalog: Catalog, commit: Commit, segment: Row, start: datetime, as_of: datetime
) -> Iterator[Adjustment]:
    """What acts as of today; where several would take more than there is, the last take less."""
    rows = [
        row
        for row in catalog.get("commit_adjustments", [])
        if row["commit_id"] == commit.commit_id
        and instant(row["segment_starting_at"]) == starts(segment)
        and instant(row["adjusted_at"]) <= as_of
    ]
    held = Decimal(segment["amount"])
    for row in sorted(rows, key=lambda r: (instant(r["adjusted_at"]), r["adjustment_id"])):
        amount = max(Decimal(row["amount"]), -held)
        held += amount
        yield Adjustment(max(instant(row["adjusted_at"]), start), amount, row.get("reason", ""))
