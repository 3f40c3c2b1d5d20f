"""Rules of corrections by hand: which segment they name, when, and how much they may take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from bursar.catalog.book import Book, Rule, file_of
from bursar.catalog.relations import BY_NAME
from bursar.catalog.rules.terms import Term, term_of, term_within_contract
from bursar.catalog.table import Row
from bursar.catalog.values import time_text
from bursar.errors import Diagnostic, Severity
from bursar.words import listed


def segments_that_are_not_there(book: Book) -> Iterator[Diagnostic]:
    """An adjustment names its segment by the start that the segment's row states."""
    if not book.knows("commit_segments"):
        return
    for row in book.rows("commit_adjustments"):
        segments = book.segments.get(row.text("commit_id"), ())
        wanted = row.time("segment_starting_at")
        starts = sorted(start for found in segments if (start := found.time("starting_at")))
        if wanted is None or wanted in starts or not starts or len(starts) < len(segments):
            continue
        closest = min(starts, key=lambda start: abs(start - wanted))
        message = (
            f"{file_of(book, BY_NAME['commit_segments'])} has no segment of"
            f" {row.text('commit_id')} that starts at {time_text(wanted)}; they start at"
            f" {listed(time_text(start) for start in starts)}. Nearest: {time_text(closest)}."
        )
        yield book.tables["commit_adjustments"].problem(
            row, "segment_starting_at", "unknown-segment", message
        )


def adjustments_outside_their_segment(book: Book) -> Iterator[Diagnostic]:
    """An adjustment is dated within its segment, of which nothing is left after the contract."""
    for segment, rows in _adjusted(book):
        stated, cut = term_of(segment), term_within_contract(book, segment)
        if stated is None or cut is None:
            continue
        # What is agreed before the contract starts acts from its start on.
        usable = Term(stated.start, cut.end)
        for row in rows:
            at = row.time("adjusted_at")
            if at is not None and not usable.start <= at < usable.end:
                message = f"The segment runs {usable.told()}: date the adjustment within it."
                yield book.tables["commit_adjustments"].problem(
                    row, "adjusted_at", "outside-the-segment", message
                )


def adjustments_beyond_the_amount(book: Book) -> Iterator[Diagnostic]:
    """An adjustment takes at most the amount; of several, the last ones take what is left."""
    for segment, rows in _adjusted(book):
        table, whole = book.tables["commit_adjustments"], segment.number("amount")
        if whole is None:
            continue
        left = whole
        for row in sorted(rows, key=_turn):
            amount = row.number("amount") or Decimal(0)
            if amount < -whole:
                message = (
                    f"The segment's amount is {whole.normalize():f},"
                    f" and an adjustment takes at most that, not {-amount.normalize():f}."
                )
                yield table.problem(row, "amount", "adjustment-beyond-the-amount", message)
                continue
            if left + amount < 0:
                message = (
                    f"Earlier adjustments leave {left.normalize():f} of the segment's"
                    f" {whole.normalize():f}: this one takes no more than that."
                )
                yield table.problem(
                    row,
                    "amount",
                    "adjustment-beyond-the-amount",
                    message,
                    severity=Severity.WARNING,
                )
            left = max(Decimal(0), left + amount)


def _adjusted(book: Book) -> Iterator[tuple[Row, Sequence[Row]]]:
    """Each segment that is adjusted, and its adjustments."""
    found: dict[tuple[str, datetime | None], list[Row]] = {}
    for row in book.rows("commit_adjustments"):
        key = row.text("commit_id"), row.time("segment_starting_at")
        found.setdefault(key, []).append(row)
    for segment in book.rows("commit_segments"):
        rows = found.get((segment.text("commit_id"), segment.time("starting_at")))
        if rows and segment.time("starting_at"):
            yield segment, rows


def _turn(row: Row) -> tuple[datetime, str]:
    return row.time("adjusted_at") or datetime.max.replace(tzinfo=UTC), row.text("adjustment_id")


RULES: tuple[Rule, ...] = (
    segments_that_are_not_there,
    adjustments_outside_their_segment,
    adjustments_beyond_the_amount,
)
