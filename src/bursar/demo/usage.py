"""What Fathom's customers do: events as their systems make them, before anything goes wrong.

Owns the shape of the traffic: hours, weekdays, growth, bursts, sizes. It leaves who the customers
are to `bursar.demo.company` and mistakes to `bursar.demo.mishaps`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from bursar.demo import AS_OF, FIRST_DAY
from bursar.demo.company import CUSTOMERS, EMBEDDING_MODEL, IMAGE_SIZES, MODELS, Customer

EVENTS_PER_DAY = 1100
# One line an hour of the customer's own day: asleep, at work, at home.
_HOURS = (2, 1, 1, 1, 1, 2, 4, 7, 11, 14, 15, 15, 13, 14, 15, 15, 14, 12, 9, 8, 7, 6, 4, 3)
_WEEKDAYS_PERCENT = (100, 104, 106, 103, 96, 48, 42)
_UTC_OFFSET_HOURS = {"us": -6, "eu": 1, "ap": 9}
_BURST_ONE_IN_DAYS = 45
_KINDS = {
    "llm_usage": 70,
    "embedding_usage": 9,
    "web_search": 9,
    "user_signed_in": 7,
    "guardrail_check": 3,
    "image_generated": 2,
}
# A model is chosen by plan: big customers reason more.
_MODEL_WEIGHTS = {False: (62, 33, 5), True: (35, 45, 20)}


@dataclass(frozen=True)
class Event:
    """One event, on its way.

    Args:
        transaction_id: Its idempotency key.
        customer_id: As sent: an id or an alias.
        event_type: What happened.
        happened_at: When.
        sent_at: When it reached the collector; a while after it happened.
        properties: As JSON holds them: text or numbers.
    """

    transaction_id: str
    customer_id: str
    event_type: str
    happened_at: datetime
    sent_at: datetime
    properties: dict[str, str | int]

    def with_properties(self, **changed: str | int) -> Event:
        """The same event with other property values."""
        return replace(self, properties={**self.properties, **changed})


def usage(random: Random) -> Iterator[Event]:
    """All good events from the first day to the demo's instant, day by day, unordered within a day.

    Args:
        random: Where every choice comes from.
    """
    size_total = sum(customer.size for customer in CUSTOMERS)
    for day in range((AS_OF - FIRST_DAY).days):
        for customer in CUSTOMERS:
            if day >= customer.first_day:
                yield from _gauges(random, customer, day)
                yield from _traffic(random, customer, day, size_total)


def _traffic(random: Random, customer: Customer, day: int, size_total: int) -> Iterator[Event]:
    """A customer's requests on a day."""
    weekday_percent = _WEEKDAYS_PERCENT[(FIRST_DAY + timedelta(days=day)).weekday()]
    growth_percent = 80 + day * 2 // 3
    expected = EVENTS_PER_DAY * customer.size * weekday_percent * growth_percent
    count = (expected + random.randrange(size_total * 10_000)) // (size_total * 10_000)
    for _ in range(count):
        yield _request(random, customer, _at_work(random, customer, day))
    if random.randrange(_BURST_ONE_IN_DAYS) == 0:
        # Somebody runs a backfill or a load test: half a day's traffic within an hour.
        start = _at_work(random, customer, day)
        for _ in range(count // 2):
            yield _request(random, customer, start + _span(random, timedelta(hours=1)))


def _request(random: Random, customer: Customer, at: datetime) -> Event:
    kind = random.choices(tuple(_KINDS), tuple(_KINDS.values()))[0]
    region = customer.regions[0 if random.randrange(10) < 7 else -1]
    properties: dict[str, str | int] = {"region": region}
    if kind == "llm_usage":
        properties |= _tokens(random, customer)
    elif kind == "embedding_usage":
        properties |= {"model": EMBEDDING_MODEL, "input_tokens": _skewed(random, 16, 22)}
    elif kind == "web_search":
        properties["status"] = random.choices(("200", "206", "429", "500"), (90, 4, 4, 2))[0]
        if random.randrange(60) == 0:
            properties["internal"] = "true"  # Fathom's own probes, sent in the customer's name
    elif kind == "user_signed_in":
        # Squared, so that a few people sign in daily and most now and then.
        person = random.randrange(customer.people) * random.randrange(customer.people)
        properties["user_id"] = f"u{person // customer.people:03d}"
    elif kind == "image_generated":
        properties |= {"size": random.choice(IMAGE_SIZES), "images": random.randrange(1, 9)}
    else:
        properties["verdict"] = random.choices(("pass", "flag"), (19, 1))[0]
    return _event(random, customer, kind, at, properties)


def _tokens(random: Random, customer: Customer) -> dict[str, str | int]:
    """A minute's tokens of a project on a model: the gateway sums a minute into one event."""
    read = _skewed(random, 15, 21 if customer.is_enterprise else 20)
    written = read * random.randrange(6, 45) // 100
    # Japan has no reasoning model yet; nor has the region.
    models = MODELS[:2] if "ap" in customer.regions else MODELS
    weights = _MODEL_WEIGHTS[customer.is_enterprise][: len(models)]
    return {
        "model": random.choices(models, weights)[0],
        "project": customer.projects[random.randrange(6) * len(customer.projects) // 6],
        "input_tokens": read,
        "output_tokens": written,
    }


def _gauges(random: Random, customer: Customer, day: int) -> Iterator[Event]:
    """What is measured, not counted: the store at night, and reservations as they change."""
    morning = FIRST_DAY + timedelta(days=day)
    if customer.size >= 30:
        gigabytes = f"{customer.size // 3 + day * customer.size // 200}.{random.randrange(100):02d}"
        measured: dict[str, str | int] = {"region": customer.regions[0], "gigabytes": gigabytes}
        at = morning + timedelta(minutes=10) + _span(random, timedelta(minutes=5))
        yield _event(random, customer, "storage_measured", at, measured)
    if customer.is_enterprise and (day == customer.first_day or random.randrange(18) == 0):
        reserved: dict[str, str | int] = {
            "region": random.choice([r for r in customer.regions if r != "ap"]),
            "units": random.randrange(1, 2 + customer.size // 60),
        }
        yield _event(
            random, customer, "throughput_reserved", _at_work(random, customer, day), reserved
        )


def _event(
    random: Random, customer: Customer, kind: str, at: datetime, properties: dict[str, str | int]
) -> Event:
    return Event(
        transaction_id=f"{random.getrandbits(96):024x}",
        customer_id=random.choice(customer.ids),
        event_type=kind,
        happened_at=at,
        sent_at=at + _delay(random),
        properties=properties,
    )


def _delay(random: Random) -> timedelta:
    """Most events arrive within seconds; some sit in a queue for hours, a few for days."""
    luck = random.randrange(1000)
    if luck < 970:
        return _span(random, timedelta(seconds=20))
    return _span(random, timedelta(hours=9) if luck < 995 else timedelta(days=6))


def _at_work(random: Random, customer: Customer, day: int) -> datetime:
    """An instant of a day (UTC), at an hour that suits where the customer lives."""
    hour = random.choices(range(24), _HOURS)[0] - _UTC_OFFSET_HOURS[customer.regions[0]]
    start = FIRST_DAY + timedelta(days=day, hours=hour % 24)
    return start + _span(random, timedelta(hours=1))


def _span(random: Random, longest: timedelta) -> timedelta:
    """Up to a length, to the millisecond."""
    return timedelta(milliseconds=random.randrange(longest // timedelta(milliseconds=1)))


def _skewed(random: Random, lowest_bits: int, highest_bits: int) -> int:
    """A whole number whose length in bits is spread evenly: mostly small, now and then huge."""
    bits = random.randrange(lowest_bits, highest_bits)
    return random.randrange(1 << bits, 1 << (bits + 1))
