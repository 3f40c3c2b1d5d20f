"""How a commit burns down, drawn in the terminal: a bar for what is left after each movement.

Owns the look and the words of the projection. It leaves the arithmetic to
`bursar.warehouse.burn_down`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from bursar.cli.figures import instant, money
from bursar.cli.output import console

if TYPE_CHECKING:
    from rich.table import Table

    from bursar.warehouse.answers import Row
    from bursar.warehouse.balances import Commit
    from bursar.warehouse.burn_down import Pace

BAR_COLUMNS = 40
_MOVEMENTS = {
    "segment_start": "start",
    "rollover_in": "rolled over to it",
    "adjustment": "adjusted",
    "invoice_deduction": "used",
    "true_up": "trued up",
    "rollover_out": "rolled over",
    "expiration": "expired",
}


def print_burn_down(commit: Commit) -> None:
    """Prints the bars, and below them the pace and where it leads."""
    from bursar.warehouse.burn_down import pace_of, steps_of

    ledger = commit.ledger.as_dicts()
    unit = commit.grants[0]["pricing_unit"]
    page = console()
    segments = commit.segments.as_dicts()
    dated_at = {row["invoice_id"]: row["period_start"] for row in commit.invoices.as_dicts()}
    pace = pace_of(segments, ledger, dated_at, commit.as_of)
    bars = [
        (
            instant(step.at),
            step.balance,
            "green" if step.at <= commit.as_of else "cyan",
            ", ".join(_happened(step.entries, unit)),
        )
        for step in steps_of(ledger)
    ]
    page.print(_drawn([*bars, *_projected_bars(pace)], unit))
    words = [*(_projection(pace, commit) if pace else ()), *_standing(segments, pace, commit)]
    for sentence in words:
        page.print(sentence, highlight=False, markup=False)


def _drawn(bars: Sequence[tuple[str, Decimal, str, str]], unit: str) -> Table:
    """Bars of equal scale: each a label, what is left, a colour, and what happened."""
    from rich.bar import Bar
    from rich.table import Table
    from rich.text import Text

    most = max(left for _, left, _, _ in bars)
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column()
    table.add_column(overflow="fold")
    for label, left, color, happened in bars:
        # Drawn to an eighth of a character; the figure stands beside it.
        eighths = int(left * BAR_COLUMNS * 8 / most) if most else 0
        bar = Bar(BAR_COLUMNS * 8, 0, eighths, width=BAR_COLUMNS, color=color)
        table.add_row(Text(label), Text(money(left, unit)), bar, Text(happened, "dim"))
    return table


def _projected_bars(pace: Pace | None) -> Iterator[tuple[str, Decimal, str, str]]:
    if pace is None or not pace.left:
        return
    if pace.left_at_end and pace.ends_at:
        yield f"{instant(pace.ends_at)}?", pace.left_at_end, "yellow", "its end, at this pace"
    elif pace.runs_dry_at:
        yield f"{pace.runs_dry_at:%Y-%m-%d}?", Decimal(0), "yellow", "at this pace"


def _happened(entries: Sequence[Row], unit: str) -> Iterator[str]:
    """Each kind of entry once, with its sum."""
    for entry_type, words in _MOVEMENTS.items():
        amounts = [entry["amount"] for entry in entries if entry["entry_type"] == entry_type]
        if amounts:
            amount = sum(amounts, Decimal(0))
            sign = "+" if amount > 0 else ""
            yield f"{words} {sign}{money(amount, unit)}"


def _projection(pace: Pace, commit: Commit) -> Iterator[str]:
    unit = commit.grants[0]["pricing_unit"]
    whole = pace.used + pace.left
    share = (pace.used * 100 / whole).quantize(Decimal(1))
    used = (
        f"Used {money(pace.used, unit)} of {money(whole, unit)} {unit}, {share} %, from"
        f" {instant(pace.since)} to {instant(commit.as_of)}"
    )
    if not pace.left:
        yield f"{used}; nothing of it is left."
        return
    yield f"{used}: {_about(pace.a_day, unit)} a day. Left: {money(pace.left, unit)} {unit}."
    yield from _outcome(pace, commit)
    yield (
        "The pace is what was paid for since the segments that run now began, drafts included,"
        " by the days since; it is assumed to stay the same."
    )


def _outcome(pace: Pace, commit: Commit) -> Iterator[str]:
    unit = commit.grants[0]["pricing_unit"]
    is_promise = commit.grants[0]["commit_type"] == "postpaid"
    if pace.left_at_end and pace.ends_at:
        left, end = _about(pace.left_at_end, unit), instant(pace.ends_at)
        yield (
            f"At this pace {left} {unit} are missing at its end, {end}, and trued up."
            if is_promise
            else f"At this pace it lasts until its end, {end}, with {left} {unit} left over."
        )
    elif pace.runs_dry_at:
        what = "the promise is met" if is_promise else "it runs dry"
        yield f"At this pace {what} about {pace.runs_dry_at:%Y-%m-%d}."


def _standing(segments: Sequence[Row], pace: Pace | None, commit: Commit) -> Iterator[str]:
    """What the pace does not tell: that nothing is left, or what waits unused."""
    unit = commit.grants[0]["pricing_unit"]
    left = sum((segment["balance"] for segment in segments), Decimal(0))
    unused = left - (pace.left if pace else Decimal(0))
    if unused:
        yield f"Not used at all so far: {money(unused, unit)} {unit}."
    elif not left and pace is None:
        yield f"Nothing is left at {instant(commit.as_of)}."


def _about(amount: Decimal, unit: str) -> str:
    return money(amount.quantize(Decimal("0.01")), unit)
