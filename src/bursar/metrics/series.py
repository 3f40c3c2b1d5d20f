"""generate_series and range: constants in a row, never more than a metric can bear.

Owns which bounds a series may have: numbers as written, or the scope's own window by a length of
time as written. A series that events steer could be made endless by one event.
"""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from bursar.errors import Severity
from bursar.metrics.kinds import Kind, kind_of, with_kind
from bursar.metrics.work import Work

ROWS_MAX = 100_000
_SECONDS = {
    "SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86_400, "WEEK": 604_800, "MONTH": 2_592_000,
    "QUARTER": 7_776_000, "YEAR": 31_536_000,
}  # fmt: skip
_FINE_SECONDS, _FAR_TOO_FINE_SECONDS = 3600, 60


def series(work: Work, node: exp.Expr) -> exp.Expr:
    """A series as a list."""
    if node.find(exp.Column, exp.Query) is not None:
        message = (
            "A series runs between numbers as written, or window_start() and window_end(): one "
            "event could make it endless."
        )
        work.add("M501", message, node)
        return work.unknown(node)
    numbers = [_whole_number(node.args.get(key)) for key in ("start", "end")]
    if None not in numbers:
        return _numbers(work, node, [n for n in numbers if n is not None])
    return _times(work, node)


def _numbers(work: Work, node: exp.Expr, bounds: list[int]) -> exp.Expr:
    step = node.args.get("step")
    by = 1 if step is None else _whole_number(step)
    if not by:
        work.add("M205", "A series goes by a plain number, not 0.", node)
        return work.unknown(node)
    # Series that stand beside one another multiply.
    work.series_rows *= abs(bounds[1] - bounds[0]) // abs(by) + 1
    if work.series_rows > ROWS_MAX:
        work.add("M601", f"All series of a metric have at most {ROWS_MAX} rows together.", node)
        return work.unknown(node)
    return with_kind(node, Kind("BIGINT[]", Decimal(max(abs(bound) for bound in bounds))))


def _times(work: Work, node: exp.Expr) -> exp.Expr:
    for key in ("start", "end"):
        node.set(key, work.settled(node.args[key]))
    step = node.args.get("step")
    seconds = _step_seconds(step)
    if step is None or seconds is None:
        message = "A series of times goes by a length of time as written: interval '1 hour'."
        work.add("M205", message, node)
        return work.unknown(node)
    if seconds < _FINE_SECONDS:
        steps = f"{30 * 86_400 // seconds:,}".replace(",", " ")
        message = (
            f"This is a row for each step of every scope's window: a month has {steps} steps.\n"
            "Count what happened, or go by the hour."
        )
        is_far = seconds < _FAR_TOO_FINE_SECONDS
        work.add("M601", message, node, severity=Severity.ERROR if is_far else Severity.WARNING)
        if is_far:
            return work.unknown(node)
    node.set("step", work.settled(step))
    kinds = [kind_of(node.args[key]) for key in ("start", "end", "step")]
    if not all(kind.known for kind in kinds):
        return work.unknown(node)
    return work.ask(node)


def _step_seconds(step: exp.Expr | None) -> int | None:
    if not isinstance(step, exp.Interval) or not isinstance(step.this, exp.Literal):
        return None
    unit = str(step.args["unit"].name).upper().rstrip("S") if step.args.get("unit") else ""
    if not step.this.name.isdigit() or unit not in _SECONDS or int(step.this.name) == 0:
        return None
    return int(step.this.name) * _SECONDS[unit]


def _whole_number(node: object) -> int | None:
    sign = 1
    while isinstance(node, exp.Neg | exp.Paren):
        sign, node = (-sign if isinstance(node, exp.Neg) else sign), node.this
    if isinstance(node, exp.Literal) and not node.is_string and node.name.isdigit():
        return sign * int(node.name)
    return None
