"""What goes wrong between a customer's system and ours.

Owns the demo's mistakes: values nobody can bill, retries, strangers, and lines that are no events
at all. It leaves what becomes of them to `bursar.landing` and to the models.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from bursar.demo.company import STRANGERS
from bursar.demo.usage import Event

_TYPOS = {
    "model": ("fathom-por", "fathom_mini", "fathom-reasn"),
    "region": ("us-east", "eu ", "uss"),
}
_NO_NUMBERS = ("1,204", "n/a", "12k", "NaN", "")


def with_mishaps(random: Random, events: Iterable[Event]) -> Iterator[Event]:
    """The events, some of them spoilt, sent twice, or sent by somebody that nobody knows."""
    for event in events:
        spoilt = _spoilt(random, event)
        yield spoilt
        yield from _retries(random, spoilt)
        if random.randrange(1500) == 0:
            yield replace(
                event,
                transaction_id=f"{random.getrandbits(96):024x}",
                customer_id=random.choice(STRANGERS),
            )


def _spoilt(random: Random, event: Event) -> Event:
    """One in a few hundred model requests has a value that finds no price, or is no number."""
    if event.event_type != "llm_usage":
        return event
    luck = random.randrange(6000)
    if luck < 8:
        key = "model" if luck < 5 else "region"
        return event.with_properties(**{key: random.choice(_TYPOS[key])})
    if luck < 14:
        key = "input_tokens" if luck < 11 else "output_tokens"
        return event.with_properties(**{key: random.choice(_NO_NUMBERS)})
    if luck < 16:
        kept = {key: value for key, value in event.properties.items() if key != "region"}
        return replace(event, properties=kept)
    return event


def _retries(random: Random, event: Event) -> Iterator[Event]:
    """Sent again: mostly within minutes, sometimes days later, rarely with another content."""
    luck = random.randrange(8000)
    if luck < 24:
        yield replace(event, sent_at=event.sent_at + timedelta(seconds=random.randrange(1, 900)))
    elif luck < 30:
        yield replace(event, sent_at=event.sent_at + timedelta(hours=random.randrange(20, 200)))
    elif luck < 33:
        later = event.sent_at + timedelta(minutes=random.randrange(1, 4000))
        yield replace(event.with_properties(attempt=2), sent_at=later)


def bad_lines(random: Random, received_at: datetime, *, is_backfill: bool) -> list[str]:
    """Lines that landing refuses: one or two for each of its reasons.

    Args:
        random: Where every choice comes from.
        received_at: The instant of the batch that they come with.
        is_backfill: Whether the batch takes events of any age; no line is too old then.
    """
    lines = [
        '{"transaction_id": "cut-off-in-the-mid',
        json.dumps(["llm_usage", "fernway", 12]),
        _line(random, received_at, properties="input_tokens=12"),
        _line(random, received_at, tenant="fernway"),
        _line(random, received_at, customer_id=None),
        _line(random, received_at, transaction_id=""),
        _line(random, received_at, timestamp="yesterday"),
        _line(
            random, received_at, timestamp=f"{received_at - timedelta(hours=3):%Y-%m-%d %H:%M:%S}"
        ),
        _line(random, received_at, timestamp=rfc3339(received_at + timedelta(days=3))),
        _line(random, received_at, transaction_id="retry-" * 30),
    ]
    if not is_backfill:
        lines.append(
            _line(random, received_at, timestamp=rfc3339(received_at - timedelta(days=90)))
        )
    random.shuffle(lines)
    return lines[: random.randrange(len(lines) - 2, len(lines) + 1)]


def rfc3339(instant: datetime) -> str:
    """An instant as most senders write it: UTC, milliseconds."""
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03d}Z"


def _line(random: Random, received_at: datetime, **changed: Any) -> str:
    """A plausible event with some fields changed; None leaves the field out."""
    fields: dict[str, Any] = {
        "transaction_id": f"{random.getrandbits(96):024x}",
        "customer_id": "fernway",
        "event_type": "llm_usage",
        "timestamp": rfc3339(received_at - timedelta(hours=2)),
        "properties": {"model": "fathom-mini", "region": "us", "input_tokens": 1200},
    } | changed
    return json.dumps({name: value for name, value in fields.items() if value is not None})
