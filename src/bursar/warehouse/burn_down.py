"""How fast a balance is used, and when it would run dry.

Owns the arithmetic on a commit's rows, in decimals; it asks neither the warehouse nor the clock.
Draws count by the time of what they paid for, so a draft dated later has no part in the pace.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from itertools import groupby

from bursar.warehouse.answers import Row

STEPS_MAX = 24
_SECONDS_OF_A_DAY = 86_400
_PLACES_12 = Decimal(1).scaleb(-12)
# Beyond this the projection says no more than "long after it ends".
_DAYS_MAX = 36_500


@dataclass(frozen=True)
class Step:
    """What is left after all that happened at an instant, or in a month.

    Args:
        at: The instant; of a month its last entry's.
        balance: What all segments together have left.
        entries: What happened, in order.
    """

    at: datetime
    balance: Decimal
    entries: tuple[Row, ...]


@dataclass(frozen=True)
class Pace:
    """How fast the running segments are used, and where that leads if it goes on so.

    Args:
        since: When the first running segment began.
        used: What they paid since, for what is dated by `as_of`.
        a_day: That by the days since.
        left: What they have left.
        runs_dry_at: When the pace uses that up; none if that is more than a century away.
        ends_at: When the last running segment ends; none if one never does.
        left_at_end: What would be left then, or 0.
    """

    since: datetime
    used: Decimal
    a_day: Decimal
    left: Decimal
    runs_dry_at: datetime | None
    ends_at: datetime | None
    left_at_end: Decimal | None


def steps_of(ledger: Sequence[Row]) -> list[Step]:
    """What was left after each instant of a ledger; after each month, where instants are many."""
    steps = list(_grouped(ledger, "%Y-%m-%dT%H:%M:%S.%f"))
    return steps if len(steps) <= STEPS_MAX else list(_grouped(ledger, "%Y-%m"))


def pace_of(
    segments: Sequence[Row],
    ledger: Sequence[Row],
    dated_at: Mapping[str, datetime],
    as_of: datetime,
) -> Pace | None:
    """The pace of the segments that run at an instant; none if nothing was used of them yet.

    Args:
        segments: Rows of `balances`.
        ledger: Rows of `balance_ledger`.
        dated_at: Each invoice's `period_start`, by id.
        as_of: The instant.
    """
    started = {
        _segment_of(entry): entry["entry_at"]
        for entry in ledger
        if entry["entry_type"] in ("segment_start", "rollover_in")
    }
    running = {
        _segment_of(segment): segment
        for segment in segments
        if _runs(segment, started[_segment_of(segment)], as_of)
    }
    used = -sum(
        (
            entry["amount"]
            for entry in ledger
            if entry["entry_type"] == "invoice_deduction"
            and _segment_of(entry) in running
            and dated_at.get(entry["invoice_id"], entry["entry_at"]) <= as_of
        ),
        Decimal(0),
    )
    if not used:
        return None
    since = min(started[segment] for segment in running)
    left = sum((segment["balance"] for segment in running.values()), Decimal(0))
    ends = [segment["segment_ending_before"] for segment in running.values()]
    return _projected(since, used, left, None if None in ends else max(ends), as_of)


def _segment_of(row: Row) -> tuple[str, datetime]:
    return row["commit_id"], row["segment_starting_at"]


def _runs(segment: Row, started_at: datetime, as_of: datetime) -> bool:
    ending_before = segment["segment_ending_before"]
    return started_at < as_of and (ending_before is None or as_of < ending_before)


def _projected(
    since: datetime, used: Decimal, left: Decimal, ends_at: datetime | None, as_of: datetime
) -> Pace:
    with localcontext(Context(prec=60, rounding=ROUND_HALF_UP)):
        a_day = (used / _days(as_of - since)).quantize(_PLACES_12)
        days_left = left / a_day if a_day else Decimal(_DAYS_MAX)
        # Whole hours: more would be said than is known.
        hours = int((days_left * 24).to_integral_value())
        runs_dry_at = as_of + timedelta(hours=hours) if days_left < _DAYS_MAX else None
        left_at_end = None
        if ends_at is not None:
            unused = left - a_day * _days(ends_at - as_of)
            left_at_end = max(unused, Decimal(0)).quantize(_PLACES_12)
    return Pace(since, used, a_day, left, runs_dry_at, ends_at, left_at_end)


def _days(span: timedelta) -> Decimal:
    return Decimal(int(span.total_seconds())) / _SECONDS_OF_A_DAY


def _grouped(ledger: Sequence[Row], pattern: str) -> Iterator[Step]:
    balance = Decimal(0)
    in_order = sorted(ledger, key=lambda entry: entry["entry_at"])
    for _, group in groupby(in_order, key=lambda entry: format(entry["entry_at"], pattern)):
        entries = tuple(group)
        balance += sum((entry["amount"] for entry in entries), Decimal(0))
        yield Step(entries[-1]["entry_at"], balance, entries)
