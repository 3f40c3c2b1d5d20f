from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from bursar.warehouse.burn_down import STEPS_MAX, Pace, pace_of, steps_of

Row = dict[str, Any]
START = datetime(2026, 1, 1, tzinfo=UTC)
APRIL = datetime(2026, 4, 1, tzinfo=UTC)


def segment(balance: str, ends_at: datetime | None = None, start: datetime = START) -> Row:
    return {
        "commit_id": "c",
        "segment_starting_at": start,
        "segment_ending_before": ends_at,
        "balance": Decimal(balance),
    }


def entry(entry_type: str, at: datetime, amount: str, **more: Any) -> Row:
    found = {
        "commit_id": "c",
        "segment_starting_at": START,
        "entry_type": entry_type,
        "entry_at": at,
        "amount": Decimal(amount),
        "invoice_id": None,
    }
    return found | more


def drawn(month: int, amount: str) -> Row:
    return entry("invoice_deduction", datetime(2026, month, 1, tzinfo=UTC), amount, invoice_id="i")


OPENING = entry("segment_start", START, "1000")
DATED = {"i": START, "later": datetime(2026, 9, 1, tzinfo=UTC)}


def pace(segments: list[Row], ledger: list[Row]) -> Pace:
    found = pace_of(segments, ledger, DATED, APRIL)
    assert found is not None
    return found


def test_what_was_used_by_the_days_since_the_start_is_the_pace() -> None:
    found = pace([segment("640")], [OPENING, drawn(2, "-200"), drawn(3, "-160")])
    # 360 in the 90 days from January to April: 4 a day, and 640 for 160 days more.
    assert (found.used, found.a_day, found.left) == (Decimal(360), Decimal(4), Decimal(640))
    assert found.runs_dry_at == APRIL + timedelta(days=160)
    assert (found.ends_at, found.left_at_end) == (None, None)


def test_a_balance_that_outlives_its_pace_has_something_left_at_its_end() -> None:
    ends_at = APRIL + timedelta(days=100)
    found = pace([segment("640", ends_at)], [OPENING, drawn(2, "-360")])
    assert (found.ends_at, found.left_at_end) == (ends_at, Decimal(240))
    sooner = pace([segment("640", APRIL + timedelta(days=200))], [OPENING, drawn(2, "-360")])
    assert sooner.left_at_end == 0


def test_a_draft_dated_later_has_no_part_in_the_pace() -> None:
    later = entry("invoice_deduction", DATED["later"], "-500", invoice_id="later")
    found = pace([segment("140")], [OPENING, drawn(2, "-360"), later])
    assert (found.used, found.left) == (Decimal(360), Decimal(140))
    assert found.runs_dry_at == APRIL + timedelta(days=35)


def test_segments_that_ended_or_begin_later_have_no_pace() -> None:
    ledger = [OPENING, drawn(2, "-200")]
    assert pace_of([segment("0", APRIL)], ledger, DATED, APRIL) is None
    begins = entry("segment_start", APRIL, "50")
    assert pace_of([segment("50")], [begins], DATED, APRIL) is None


def test_what_was_not_used_yet_has_no_pace() -> None:
    assert pace_of([segment("1000")], [OPENING], DATED, APRIL) is None


def test_a_pace_too_slow_to_run_dry_within_a_century_says_no_day() -> None:
    found = pace([segment("999999999")], [OPENING, drawn(2, "-0.000000000001")])
    assert found.runs_dry_at is None


def test_entries_of_one_instant_are_one_step() -> None:
    second = entry("segment_start", APRIL, "50", segment_starting_at=APRIL)
    expired = entry("expiration", APRIL, "-800")
    steps = steps_of([OPENING, drawn(2, "-200"), expired, second])
    assert [(step.at, step.balance, len(step.entries)) for step in steps] == [
        (START, Decimal(1000), 1),
        (datetime(2026, 2, 1, tzinfo=UTC), Decimal(800), 1),
        (APRIL, Decimal(50), 2),
    ]


def test_many_instants_are_drawn_by_month() -> None:
    days = [
        entry("invoice_deduction", START + timedelta(days=day), "-1")
        for day in range(1, STEPS_MAX + 20)
    ]
    steps = steps_of([OPENING, *days])
    assert [step.balance for step in steps] == [Decimal(970), Decimal(957)]
    assert sum(len(step.entries) for step in steps) == STEPS_MAX + 20
