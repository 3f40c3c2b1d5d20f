"""The slow drawdown: charge by charge, segment by segment, unit by unit.

Owns who may pay for a charge, at which price, and what is left of both. Both orders come from
`reference_commits` and `reference_charges`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_DOWN, Decimal

from tests.support.reference_catalog import (
    PLACES_12,
    Catalog,
    group_values,
    pairs,
    starts,
    to_places,
)
from tests.support.reference_charges import BilledLine, Charge, payable
from tests.support.reference_commits import Segment, rolled_over
from tests.support.reference_order import drawdown_order, fits_product, is_on
from tests.support.reference_prices import FIRST, Price, own_price


@dataclass(frozen=True)
class Draw:
    """What a segment paid for some units of a charge, at one price."""

    charge: Charge
    segment: Segment
    quantity: Decimal
    unit_price: Decimal
    tier_start: Decimal | None
    amount: Decimal


@dataclass(frozen=True)
class Piece:
    """Units of a charge that cost the same."""

    quantity: Decimal
    unit_price: Decimal
    tier_start: Decimal | None


@dataclass
class Unpaid:
    """What is left of a charge: its last units, and what they cost at the ordinary price."""

    charge: Charge
    quantity: Decimal
    amount: Decimal


@dataclass
class Drawdown:
    """Everything that balances do.

    Args:
        segments: All of them, in the order in which they are used.
        draws: In the order in which they were made.
        left: What is left in each segment after its draws.
        rolled: What of each segment rolled over.
        unpaid: What is left of each charge.
    """

    segments: list[Segment]
    draws: list[Draw]
    left: dict[tuple[str, datetime], Decimal]
    rolled: dict[tuple[str, datetime], Decimal]
    unpaid: list[Unpaid]


def draw_down(
    catalog: Catalog, segments: list[Segment], charges: list[Charge], as_of: datetime
) -> Drawdown:
    """Pays charges in their order, each from the segments in theirs.

    A renewal's charges come after all those of the contract that it renews: before the first of
    them what is left is known, and rolls over.
    """
    in_order = sorted(segments, key=lambda s: drawdown_order(catalog, s))
    down = Drawdown(in_order, [], {}, {}, [])
    for segment in segments:
        adjusted = sum((a.amount for a in segment.adjustments), Decimal(0))
        down.left[segment.key] = segment.amount + adjusted
    for charge in payable(charges):
        down.unpaid.append(Unpaid(charge, charge.line.quantity, charge.line.amount))
    renewals = [
        contract
        for contract in sorted(catalog["contracts"], key=starts)
        if contract.get("renews_contract_id") and starts(contract) <= as_of
    ]
    for unpaid in down.unpaid:
        while renewals and starts(renewals[0]) <= starts(unpaid.charge.contract):
            _roll_over(catalog, down, renewals.pop(0)["contract_id"])
        _pay(catalog, down, unpaid)
    for contract in renewals:
        _roll_over(catalog, down, contract["contract_id"])
    return down


def rolled_from(segments: list[Segment], new: Segment) -> list[Segment]:
    """The segments whose rest rolled over into this one; none if it did not roll over."""
    old_id = new.commit.rolled_from
    return [s for s in segments if s.commit.commit_id == old_id and s.end == new.start]


def rest_line(unpaid: Unpaid) -> BilledLine:
    """The line of what nobody paid for."""
    return replace(unpaid.charge.line, quantity=unpaid.quantity, amount=unpaid.amount)


def covered_lines(draw: Draw) -> tuple[BilledLine, BilledLine]:
    """The line that a segment paid for, and its twin."""
    segment = draw.segment
    covered = replace(
        draw.charge.line,
        tier_start=draw.tier_start,
        quantity=draw.quantity,
        unit_price=draw.unit_price,
        amount=draw.amount,
        commit_id=segment.commit.commit_id,
        segment_start=segment.stated_start,
    )
    twin = replace(
        covered,
        line_type="commit_applied",
        quantity=-covered.quantity,
        amount=-covered.amount,
        is_summed=segment.commit.kind != "postpaid",
    )
    return covered, twin


def _pay(catalog: Catalog, down: Drawdown, unpaid: Unpaid) -> None:
    """One charge, from all segments that may pay for it, in their order."""
    for segment in down.segments:
        if not _may_pay(segment, unpaid.charge):
            continue
        pieces = list(_pieces(catalog, segment, unpaid))
        at_own_price = sum((to_places(p.quantity * p.unit_price) for p in pieces), Decimal(0))
        if unpaid.amount <= 0 and at_own_price <= 0:
            continue
        for piece in pieces:
            left = down.left[segment.key]
            if left <= 0:
                break
            draw = _draw(segment, unpaid, piece, left)
            down.draws.append(draw)
            down.left[segment.key] = left - draw.amount
            _take_off(unpaid, draw)


def _may_pay(segment: Segment, charge: Charge) -> bool:
    """Whether unit, time, contract and product fit."""
    commit, line = segment.commit, charge.line
    return (
        commit.pricing_unit == line.pricing_unit
        and segment.start <= charge.paid_at < segment.end
        and is_on(commit, charge.contract)
        and any(
            fits_product(commit, charge.version, specifier)
            and _is_within(specifier.get("pricing_group_values", ""), line.groups[0])
            and _is_within(specifier.get("presentation_group_values", ""), line.groups[1])
            for specifier in commit.specifiers or ({},)
        )
    )


def _is_within(wanted: str, values: str) -> bool:
    return pairs(wanted).items() <= group_values(values).items()


def _pieces(catalog: Catalog, segment: Segment, unpaid: Unpaid) -> Iterator[Piece]:
    """The units that are left, in their order, cut where the segment's price changes."""
    charge, line = unpaid.charge, unpaid.charge.line
    own = None
    if line.line_type == "usage":
        commit = segment.commit
        own = own_price(
            catalog,
            charge.contract,
            charge.version,
            line.groups,
            charge.paid_at,
            commit.row.get("rate_basis", ""),
            commit.names,
        )
    if own is None or own.unit != line.pricing_unit:
        yield Piece(unpaid.quantity, line.unit_price, line.tier_start)
    elif own.kind == "volume":
        tier = own.tier(charge.reached).start
        yield Piece(unpaid.quantity, own.unit_price(charge.reached), tier)
    elif own.kind == "flat":
        yield Piece(unpaid.quantity, own.unit_price(FIRST), line.tier_start)
    else:
        high = charge.below + line.quantity
        yield from _tier_pieces(own, high - unpaid.quantity, high)


def _tier_pieces(own: Price, low: Decimal, high: Decimal) -> Iterator[Piece]:
    """The units above one position of the counter up to another, tier by tier."""
    for number, start in enumerate(own.bounds):
        bottom = start if number else min(low, start)
        top = own.bounds[number + 1] if number + 1 < len(own.bounds) else high
        first, last = max(low, bottom), min(high, top)
        if first < last:
            yield Piece(last - first, own.unit_price(last), start)


def _draw(segment: Segment, unpaid: Unpaid, piece: Piece, left: Decimal) -> Draw:
    """What the segment pays of a piece: all of it, or what the segment has left."""
    is_ordinary = piece.unit_price == unpaid.charge.line.unit_price
    is_all = piece.quantity == unpaid.quantity
    due = to_places(piece.quantity * piece.unit_price)
    if is_ordinary and is_all:
        due = unpaid.amount
    quantity, amount = piece.quantity, due
    if due > left:
        amount = left
        quantity = (left / piece.unit_price).quantize(PLACES_12, ROUND_DOWN)
    return Draw(unpaid.charge, segment, quantity, piece.unit_price, piece.tier_start, amount)


def _take_off(unpaid: Unpaid, draw: Draw) -> None:
    """At the ordinary price to the last digit; else what the units that are left cost."""
    ordinary = unpaid.charge.line.unit_price
    unpaid.quantity -= draw.quantity
    if draw.unit_price == ordinary:
        unpaid.amount -= draw.amount
    else:
        unpaid.amount = to_places(unpaid.quantity * ordinary)


def _roll_over(catalog: Catalog, down: Drawdown, renewal_id: str) -> None:
    """What is left in the segments that end with the old contract, up to a share of all."""
    (renewal,) = (c for c in catalog["contracts"] if c["contract_id"] == renewal_id)
    fractions = {
        segment.commit.commit_id: segment.commit
        for segment in down.segments
        if segment.commit.contract_id == renewal["renews_contract_id"]
        and not segment.commit.rolled_from
        and segment.commit.row.get("rollover_fraction")
    }
    for _, commit in sorted(fractions.items()):
        ending = [s for s in down.segments if s.commit == commit and s.end == starts(renewal)]
        remaining = sum((down.left[s.key] for s in ending), Decimal(0))
        cap = to_places(Decimal(commit.row["rollover_fraction"]) * commit.access)
        amount = min(remaining, cap)
        if amount <= 0:
            continue
        new = rolled_over(commit, renewal, amount)
        down.segments.append(new)
        down.left[new.key] = amount
        for segment in ending:
            part = min(amount, down.left[segment.key])
            down.rolled[segment.key] = part
            down.left[segment.key] -= part
            amount -= part
    down.segments.sort(key=lambda s: drawdown_order(catalog, s))
