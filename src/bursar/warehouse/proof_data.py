"""The events and scopes of a proof: made from the metric's literals, the same on every run.

Owns the choice of what brings out mistakes: ties in time, absent properties, texts that are no
numbers, numbers around the metric's thresholds, transaction ids that two customers share, instants
exactly on a window's edges, windows that overlap, adjoin, or hold nothing. It leaves running the
metric on them to ``bursar.warehouse.metric_proof``.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from bursar.metrics.definition import MetricDefinition
from bursar.warehouse.proof_literals import ANY, Literals
from bursar.warehouse.proof_rows import ProofEvent, ProofScope

ROUNDS = 4
_EVENTS_A_CUSTOMER = 16
# Of an event's values: so many come from all that there are, so many from what the text names.
_DRAWN_SHARE = 0.35
_START = datetime(2026, 1, 1)  # noqa: DTZ001 - landed times are UTC without a zone
_MICROSECOND = timedelta(microseconds=1)

_ODD_NUMBERS = ("1", "2", "2.5", "-3", "0", "1e2", " 7 ", "0.000000000001", "1_000", "x", "")
_TEXTS = ("x", "Y", "y", "", "other")
_STEP = Decimal("0.000000000001")
# Of each round, in hours from its first day: overlapping, adjoining, short, empty.
_WINDOWS = ((0, 72), (0, 24), (24, 48), (12, 36), (23, 24), (60, 61), (200, 300))


@dataclass(frozen=True)
class ProofCase:
    """Events, and the scopes that a metric is evaluated for on them, all at once."""

    events: tuple[ProofEvent, ...]
    scopes: tuple[ProofScope, ...]


def proof_case(definition: MetricDefinition, literals: Literals) -> ProofCase:
    """The data on which a metric is proved.

    Args:
        definition: What it reads.
        literals: What its text says.
    """
    events: list[ProofEvent] = []
    scopes: list[ProofScope] = []
    # Seeded, so that a proof is the same wherever it runs.
    chance = random.Random(definition.name)  # noqa: S311 - no secret is made of it
    values = {key: _Values(key, definition, literals, chance) for key in definition.properties}
    for number in range(ROUNDS):
        maker = _Round(definition, literals, values, chance, number)
        events += maker.events()
        scopes += maker.scopes()
    nobody = ProofScope("nobody", _START, _START + timedelta(days=30))
    return ProofCase(tuple(events), (*scopes, nobody))


class _Values:
    """The values of one property: few in a round, so that many are equal; all of them in the end.

    Args:
        key: The property.
        definition: Whether it is read as a number.
        literals: What it is compared with.
        chance: Chooses.
    """

    def __init__(
        self, key: str, definition: MetricDefinition, literals: Literals, chance: random.Random
    ) -> None:
        self._chance = chance
        self._own = list(literals.texts.get(key, ()))
        compared = [*self._own, *literals.texts.get(ANY, ())]
        thresholds = [f"{number:f}" for number in _around(literals.numbers)]
        texts = [*compared, *(text.swapcase() for text in self._own), *_TEXTS]
        is_number = key in definition.number_properties
        self._common: list[str] = list(_ODD_NUMBERS[:6]) if is_number else [*self._own, *_TEXTS]
        self._all = [*thresholds, *_ODD_NUMBERS, *(compared if is_number else texts)]
        self._few: list[str | None] = []
        self._deck: list[str] = []

    def next_round(self) -> None:
        """Two to four values, and absence."""
        size = self._chance.randint(2, 4)
        drawn = [self._chance.choice(self._common), *(self._drawn() for _ in range(size - 1))]
        self._few = [*drawn, None]

    def chosen(self) -> str | None:
        """The value for one event; None if it has none."""
        kind = self._chance.random()
        if kind < _DRAWN_SHARE:
            return self._drawn()
        if kind < 2 * _DRAWN_SHARE and self._own:
            return self._chance.choice(self._own)
        return self._chance.choice(self._few)

    def _drawn(self) -> str:
        if not self._deck:
            self._deck = self._chance.sample(self._all, len(self._all))
        return self._deck.pop()


def _around(thresholds: Sequence[Decimal]) -> list[Decimal]:
    """Just below, at and just above each number, by a whole and by the last place."""
    steps = (-1, -_STEP, 0, _STEP, 1)
    return [number + step for number in thresholds for step in steps]


class _Round:
    """One set of customers and a few days."""

    def __init__(
        self,
        definition: MetricDefinition,
        literals: Literals,
        values: Mapping[str, _Values],
        chance: random.Random,
        number: int,
    ) -> None:
        self._definition = definition
        self._literals = literals
        self._values = values
        self._chance = chance
        self._start = self._first_day(number)
        self._customers = [f"one{number}", f"two{number}"]
        # A customer whom the metric names takes the place of one, in a round of its own.
        if number < len(literals.customers):
            self._customers[0] = literals.customers[number]
        self._types = self._event_types()

    def _first_day(self, number: int) -> datetime:
        """So that an instant of the metric's text lies in the windows, one instant a round."""
        instants = self._literals.instants
        if not instants:
            return _START
        chosen = instants[number % len(instants)]
        midnight = chosen.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight - timedelta(days=1)

    def _event_types(self) -> list[str]:
        """Mostly those that the metric reads."""
        known = [*(self._definition.event_types or ()), *self._literals.event_types]
        distinct = [*dict.fromkeys(known)] or ["some_type"]
        return [*distinct, *distinct, *distinct, "other_type"]

    def _instants(self) -> list[datetime]:
        """Few, so that there are ties; edges of windows, just before them, spans apart."""
        edges = [self._start + timedelta(hours=h) for window in _WINDOWS[:5] for h in window]
        base = self._start + timedelta(hours=self._chance.choice((1, 5, 30)))
        found = [
            *edges,
            *(edge - _MICROSECOND for edge in edges[1:]),
            base,
            base + timedelta(minutes=1),
            base + timedelta(hours=self._chance.randint(1, 20)),
        ]
        picked = self._chance.sample(found, 5)
        last = self._start + timedelta(hours=_WINDOWS[0][1])
        for instant in self._literals.instants:
            if self._start <= instant < last:
                picked += [instant - _MICROSECOND, instant, instant + _MICROSECOND]
        for span in self._literals.spans:
            anchor = self._chance.choice(picked)
            picked += [anchor + span - _MICROSECOND, anchor + span, anchor + span + _MICROSECOND]
        return picked

    def events(self) -> list[ProofEvent]:
        """Two customers' events, in no order; both have the same transaction ids."""
        made = []
        for values in self._values.values():
            values.next_round()
        for customer in self._customers:
            instants = self._instants()
            for number in range(_EVENTS_A_CUSTOMER):
                picked = {key: values.chosen() for key, values in self._values.items()}
                made.append(
                    ProofEvent(
                        f"t{number}",
                        customer,
                        self._chance.choice(self._types),
                        self._chance.choice(instants),
                        {key: value for key, value in picked.items() if value is not None},
                    )
                )
        self._chance.shuffle(made)
        return made

    def scopes(self) -> list[ProofScope]:
        """Every window of every customer; with none, some and all of the group keys."""
        keys = self._definition.group_keys
        choices: Sequence[tuple[str, ...]] = ((), keys[:1], keys)
        return [
            ProofScope(
                customer,
                self._start + timedelta(hours=start),
                self._start + timedelta(hours=end),
                self._chance.choice(choices),
            )
            for customer in self._customers
            for start, end in _WINDOWS
        ]
