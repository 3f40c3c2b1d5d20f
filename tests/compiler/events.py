"""Events and scopes that bring out what a lift can get wrong."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from bursar.warehouse.proof_rows import ProofEvent, ProofScope

START = datetime(2026, 1, 1)  # noqa: DTZ001 - landed times are UTC without a zone

# Ordinary, repeated, absent, and no numbers at all.
NUMBERS = ("1", "2", "2", "2.5", "-3", "0", "1e2", " 7 ", "0.000000000001", "", "x", "1_000", None)
WHOLE = ("1", "2", "3", "0", "-4", "garbage", None)
MODELS = ("x", "Y", "y", None)
REGIONS = ("eu", "us", None)


def some_events(seed: int, count: int = 60) -> list[ProofEvent]:
    """Events of two customers over three days, many at one instant."""
    chance = random.Random(seed)
    instants = [START + timedelta(hours=h) for h in (0, 0, 5, 23, 24, 30, 48, 71)]
    events = []
    for number in range(count):
        properties = {
            "n": chance.choice(NUMBERS),
            "m": chance.choice(WHOLE),
            "model": chance.choice(MODELS),
            "region": chance.choice(REGIONS),
            "Odd Key": chance.choice(("1", None)),
            "select": chance.choice(("s", None)),
            "tags": chance.choice(("a", "a,b", "b,,c", "", None)),
        }
        # An id is a customer's own: two customers may use the same.
        is_shared = number % 10 < 4
        customers = ("one", "two")
        events.append(
            ProofEvent(
                f"t{number - number % 2}" if is_shared else f"t{number}",
                customers[number % 2] if is_shared else chance.choice(customers),
                chance.choice(("a", "b", "c_d")),
                chance.choice(instants),
                {key: value for key, value in properties.items() if value is not None},
            )
        )
    return events


def some_scopes(group_keys: tuple[str, ...] = ()) -> list[ProofScope]:
    """Overlapping, adjoining and empty windows; edges on events; a customer without any."""

    def at(hours: int) -> datetime:
        return START + timedelta(hours=hours)

    windows = [
        (0, 72),
        (0, 24),
        (24, 48),
        (0, 5),
        (5, 24),
        (1, 2),
        (71, 72),
        (100, 200),
        (-50, 100),
    ]
    scopes = [ProofScope(c, at(a), at(b), group_keys) for c in ("one", "two") for a, b in windows]
    return [*scopes, ProofScope("nobody", at(0), at(72), group_keys)]
