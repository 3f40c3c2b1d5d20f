"""The proof of one compiled metric: both ways on made data, and the smallest difference found.

Owns the comparison, what counts as undecided, the search for a small counterexample and its words.
It leaves running either way to ``bursar.warehouse.metric_proof``, and keeping the whole within
bounds to ``bursar.warehouse.proof_process``.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

import duckdb
from sqlglot.errors import SqlglotError

from bursar.errors import Severity
from bursar.metrics.declared import DeclaredMetric, read_declared
from bursar.metrics.definition import CompiledMetric, MetricForm
from bursar.metrics.observed import Observed
from bursar.metrics.problems import Problems, Source
from bursar.warehouse.declared_alone import declared_rows
from bursar.warehouse.metric_proof import compiled_rows, each_alone, settled_rows
from bursar.warehouse.proof_data import ProofCase, proof_case
from bursar.warehouse.proof_literals import literals_of_declared, literals_of_sql
from bursar.warehouse.proof_rows import ProofEvent, ProofScope, Row

DIFFERS, NOT_PROVED = "M900", "not-proved"
# What is tried to make a counterexample smaller.
_TRIALS_MAX = 120
# In how many orders of events a query is tried before it is taken to have one result.
_SHUFFLES = 16
_ROWS_SHOWN_MAX = 6
_EVENTS_SHOWN_MAX = 12

RowsOf = Callable[[ProofScope], Counter[Row]]


@dataclass(frozen=True)
class Finding:
    """Why a metric is not proved.

    Args:
        code: `M900`, or the bare name of what kept it from being proved.
        message: For its author.
        severity: A difference is an error; a proof that could not be run is a warning.
    """

    code: str
    message: str
    severity: Severity


@dataclass(frozen=True)
class _Difference:
    """A scope on which the two ways differ; `compiled` is the engine's words where it failed."""

    scope: ProofScope
    alone: Counter[Row]
    compiled: Counter[Row] | str


def prove(source: Source, metric: CompiledMetric) -> Finding | None:
    """Proves one metric on data made for it; None if it is proved.

    Args:
        source: Its file.
        metric: What the compiler has made of it.
    """
    try:
        return _Proof(source, metric).finding()
    except (MemoryError, RecursionError, duckdb.OutOfMemoryException, SqlglotError) as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        return undecided(f"It could not be run: {reason}.")


def undecided(reason: str) -> Finding:
    """What is said of a metric that is neither proved nor refuted."""
    message = (
        f"The compiled metric could not be compared with the query on each scope alone. {reason}\n"
        "Compare a few customers by hand before you bill by it: bursar metric preview."
    )
    return Finding(NOT_PROVED, message, Severity.WARNING)


class _Proof:
    """One metric's proof."""

    def __init__(self, source: Source, metric: CompiledMetric) -> None:
        self._source = source
        self._metric = metric
        self._declared = _declaration(source, metric)
        self._trials = 0

    def finding(self) -> Finding | None:
        is_declared = self._declared is not None
        literals = (
            literals_of_declared(self._declared)
            if self._declared is not None
            else literals_of_sql(self._source.text)
        )
        case = proof_case(self._metric.definition, literals)
        decided = 0
        for difference in self._differences(case):
            if difference is None:
                decided += 1
                continue
            if not is_declared and self._is_no_contradiction(case, difference):
                continue
            return self._refuted(case, difference)
        return None if decided else undecided("The query fails on every scope.")

    def _differences(self, case: ProofCase) -> Iterator[_Difference | None]:
        """One a scope that could be decided; None where the two ways agree."""
        try:
            together = compiled_rows(self._metric, case.events, case.scopes)
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            # A compiled metric must not fail, whatever the data.
            first = case.scopes[0]
            yield _Difference(first, Counter(), str(error).partition("\n")[0])
            return
        with self._alone(case.events) as rows_of:
            for scope, compiled in zip(case.scopes, together, strict=True):
                try:
                    alone = rows_of(scope)
                except duckdb.OutOfMemoryException:
                    raise
                except duckdb.Error:
                    # The author's own text may fail, such as by overflow; compiled it gives null.
                    continue
                yield None if alone == compiled else _Difference(scope, alone, compiled)

    @contextmanager
    def _alone(self, events: Sequence[ProofEvent]) -> Iterator[RowsOf]:
        declared = self._declared
        if declared is not None:
            yield lambda scope: declared_rows(declared, events, scope)
            return
        properties = self._metric.definition.properties
        with each_alone(self._source.text, properties, events) as rows_of:
            yield rows_of

    def _is_no_contradiction(self, case: ProofCase, difference: _Difference) -> bool:
        """Whether the query alone has no one result, or none that the engine gets exactly."""
        return self._is_settled(case, difference) or self._is_ambiguous(case, difference)

    def _is_settled(self, case: ProofCase, difference: _Difference) -> bool:
        """Whether only the engine's cutting of digits, or its choice among ties, differs."""
        if not self._metric.alone:
            return False
        try:
            rows = settled_rows(self._metric, case.events, difference.scope)
        except duckdb.Error:
            return False
        return rows == difference.compiled

    def _is_ambiguous(self, case: ProofCase, difference: _Difference) -> bool:
        """Whether the query alone gives other rows when its events come in another order.

        Then it has no one result, which the compiler warns of, and there is nothing to compare.
        """
        if isinstance(difference.compiled, str):
            return False
        by_time = sorted(case.events, key=lambda event: (event.timestamp, event.transaction_id))
        orders = [by_time, by_time[::-1]]
        for seed in range(_SHUFFLES):
            # Seeded, so that a proof is the same wherever it runs.
            chance = random.Random(seed)  # noqa: S311 - no secret is made of it
            orders.append(chance.sample(case.events, len(case.events)))
        return any(self._rows_in(events, difference) != difference.alone for events in orders)

    def _rows_in(self, events: Sequence[ProofEvent], difference: _Difference) -> Counter[Row]:
        with self._alone(events) as rows_of:
            return rows_of(difference.scope)

    def _refuted(self, case: ProofCase, difference: _Difference) -> Finding:
        case, difference = self._smaller(case, difference)
        is_grouped = self._declared is not None
        words = _words(case, difference, difference.scope.group_keys if is_grouped else ())
        return Finding(DIFFERS, words, Severity.ERROR)

    def _smaller(self, case: ProofCase, difference: _Difference) -> tuple[ProofCase, _Difference]:
        """Leaves out scopes, events and properties for as long as there still is a difference."""
        alone = replace(case, scopes=(difference.scope,))
        case, difference = self._kept(alone, case, difference)
        for size in (16, 4, 1):
            position = 0
            while position < len(case.events):
                left = case.events[:position] + case.events[position + size :]
                smaller, difference = self._kept(replace(case, events=left), case, difference)
                position += 0 if smaller is not case else size
                case = smaller
        for position, event in enumerate(case.events):
            for key in event.properties:
                rest = {k: v for k, v in case.events[position].properties.items() if k != key}
                events = list(case.events)
                events[position] = replace(events[position], properties=rest)
                case, difference = self._kept(replace(case, events=tuple(events)), case, difference)
        return case, difference

    def _kept(
        self, smaller: ProofCase, case: ProofCase, difference: _Difference
    ) -> tuple[ProofCase, _Difference]:
        """The smaller case if it still shows a difference, else the one there was."""
        self._trials += 1
        if self._trials > _TRIALS_MAX:
            return case, difference
        found = next((d for d in self._differences(smaller) if d is not None), None)
        if found is None or self._is_no_contradiction(smaller, found):
            return case, difference
        return smaller, found


def _declaration(source: Source, metric: CompiledMetric) -> DeclaredMetric | None:
    if metric.definition.form is not MetricForm.DECLARED:
        return None
    return read_declared(source, Observed({}), Problems(source))


def _words(case: ProofCase, difference: _Difference, group_keys: Sequence[str]) -> str:
    scope = difference.scope
    groups = f", grouped by {', '.join(group_keys)}" if group_keys else ""
    lines = [
        "Over all scopes at once it gives other rows than on this scope alone.",
        "This is our mistake, please report it with the metric's text; until then it is refused.",
        f"scope: customer {scope.customer_id}, {_time(scope.start)} to {_time(scope.end)}{groups}",
    ]
    beside = len(case.scopes) - 1
    if beside:
        lines.append(f"       beside {beside} other scope{'' if beside == 1 else 's'}")
    mine = sorted(case.events, key=lambda e: (e.customer_id, e.timestamp, e.transaction_id))
    lines += [f"event: {_event(event)}" for event in mine[:_EVENTS_SHOWN_MAX]]
    if len(mine) > _EVENTS_SHOWN_MAX:
        lines.append(f"       and {len(mine) - _EVENTS_SHOWN_MAX} more")
    lines.append(f"alone:    {_rows(difference.alone)}")
    if isinstance(difference.compiled, str):
        lines.append(f"compiled: fails with {difference.compiled}")
    else:
        lines.append(f"compiled: {_rows(difference.compiled)}")
    return "\n".join(lines)


def _time(instant: datetime) -> str:
    return instant.isoformat(sep=" ")


def _event(event: ProofEvent) -> str:
    given = ", ".join(f"{key}={value!r}" for key, value in sorted(event.properties.items()))
    named = f"{event.transaction_id} {event.customer_id} {event.event_type}"
    return f"{named} {_time(event.timestamp)} {given}".rstrip()


def _rows(rows: Counter[Row]) -> str:
    if not rows:
        return "no row"
    ordered = sorted(rows.elements(), key=repr)
    shown = [_row(row) for row in ordered[:_ROWS_SHOWN_MAX]]
    more = len(ordered) - len(shown)
    return "; ".join(shown) + (f" and {more} more" if more else "")


def _row(row: Row) -> str:
    groups, value = row
    number = "null" if value is None else f"{value.normalize():f}"
    return " ".join([number, *(f"{key}={text!r}" for key, text in groups)])
