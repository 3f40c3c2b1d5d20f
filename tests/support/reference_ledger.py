"""The slow drawdown's books: balances, one row a segment, and every movement of each.

Nothing is finalized here: every draw is a draft's.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tests.support.reference_catalog import FOREVER
from tests.support.reference_charges import invoiced_at
from tests.support.reference_commits import Segment
from tests.support.reference_draws import Draw, Drawdown, rolled_from
from tests.support.reference_subscriptions import Invoice

Key = tuple[str, datetime]


@dataclass(frozen=True)
class Entry:
    """A movement of a segment."""

    commit_id: str
    segment_start: datetime
    entry_type: str
    entry_at: datetime
    amount: Decimal
    invoice: Invoice | None
    is_provisional: bool


@dataclass(frozen=True)
class Balance:
    """A row of balances."""

    commit_id: str
    commit_name: str
    commit_type: str
    segment_start: datetime
    segment_end: datetime | None
    customer_id: str
    contract_id: str
    pricing_unit: str
    amount: Decimal
    adjusted: Decimal
    drawn_provisional: Decimal
    expired: Decimal
    rolled_over: Decimal
    trued_up: Decimal
    balance: Decimal
    cost_basis: Decimal | None
    priority: int


def ledger(down: Drawdown, as_of: datetime) -> list[Entry]:
    """Every movement of every segment, as of an instant."""
    drawn = {draw.segment.key for draw in down.draws}
    entries = _deductions(down.draws, as_of)
    for segment in down.segments:
        commit, key = segment.commit, segment.key
        rests_on_drafts = key in drawn
        opening = "rollover_in" if commit.rolled_from else "segment_start"
        is_provisional = any(s.key in drawn for s in rolled_from(down.segments, segment))
        entries.append(Entry(*key, opening, segment.start, segment.amount, None, is_provisional))
        for adjustment in segment.adjustments:
            at, amount = adjustment.at, adjustment.amount
            entries.append(Entry(*key, "adjustment", at, amount, None, is_provisional=False))
        if rolled := down.rolled.get(key, Decimal(0)):
            entries.append(Entry(*key, "rollover_out", segment.end, -rolled, None, rests_on_drafts))
        kind, at = _closing(segment)
        if (left := down.left[key]) and at <= as_of:
            entries.append(Entry(*key, kind, at, -left, None, rests_on_drafts))
    return entries


def balances(down: Drawdown, entries: list[Entry]) -> list[Balance]:
    """A row for each segment: what its entries say, kind by kind."""
    sums: dict[tuple[Key, str], Decimal] = defaultdict(Decimal)
    for entry in entries:
        sums[(entry.commit_id, entry.segment_start), entry.entry_type] += entry.amount
    rows = []
    for segment in down.segments:
        commit, key = segment.commit, segment.key
        rows.append(
            Balance(
                commit.commit_id,
                commit.row.get("commit_name", ""),
                commit.kind,
                segment.stated_start,
                None if segment.end == FOREVER else segment.end,
                commit.customer_id,
                commit.contract_id,
                commit.pricing_unit,
                segment.amount,
                sums[key, "adjustment"],
                -sums[key, "invoice_deduction"],
                -sums[key, "expiration"],
                -sums[key, "rollover_out"],
                -sums[key, "true_up"],
                sum((amount for (of, _), amount in sums.items() if of == key), Decimal(0)),
                commit.cost_basis,
                commit.priority,
            )
        )
    return rows


def _deductions(draws: list[Draw], as_of: datetime) -> list[Entry]:
    """One for each segment and invoice."""
    summed: dict[tuple[Key, Invoice], Decimal] = defaultdict(Decimal)
    first: dict[tuple[Key, Invoice], Draw] = {}
    for draw in draws:
        of = (draw.segment.key, draw.charge.line.invoice)
        summed[of] += draw.amount
        first[of] = draw
    entries = []
    for (key, invoice), amount in summed.items():
        segment = first[key, invoice].segment
        end = invoiced_at(first[key, invoice].charge.contract, invoice, as_of)
        at = max(segment.start, min(segment.end, end))
        entries.append(Entry(*key, "invoice_deduction", at, -amount, invoice, is_provisional=True))
    return entries


def _closing(segment: Segment) -> tuple[str, datetime]:
    """How and when what is left goes: a promise is trued up, all else expires."""
    if segment.commit.kind != "postpaid":
        return "expiration", segment.end
    (true_up,) = segment.commit.purchases
    return "true_up" if true_up.is_invoiced else "expiration", true_up.at
