"""Random catalogs and events that Bursar can rate: small, odd, and full of coincidences.

Times fall on few instants and quantities on few values, so that cuts, tier bounds and ties meet
often. Overrides, rates and tiers are in `random_prices`. Books share metrics and pricing units and
nothing else, so that many of them stand on one shelf: one project, built once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.support.random_prices import (
    MODELS,
    TAGS,
    instant_text,
    maybe,
    random_instant,
    random_overrides,
    random_rates,
)
from tests.support.reference_catalog import Catalog, Row
from tests.support.reference_metering import Event

AS_OF = datetime(2026, 4, 10)  # noqa: DTZ001 - UTC without a zone
GROUP_KEYS = ("model", "region", "user")
METRICS: dict[str, dict[str, Any]] = {
    "calls": {"aggregation": "count", "event_types": ["call"], "property": None},
    "units": {"aggregation": "sum", "event_types": ["call", "job"], "property": "n"},
    "peak": {"aggregation": "max", "event_types": ["gauge"], "property": "n"},
    "level": {"aggregation": "latest", "event_types": ["gauge"], "property": "n"},
    "users": {"aggregation": "unique", "event_types": ["call", "gauge"], "property": "user"},
    # Written in SQL, and so with groups of its own.
    "best": {
        "aggregation": "max",
        "event_types": ["job"],
        "property": "n",
        "own_keys": list(GROUP_KEYS),
    },
}
KEYS = (("", ""), ("", "user"), ("model", ""), ("model", "region|user"), ("", "region"))
CURRENCIES = ("USD", "USD", "JPY", "KWD")


@dataclass(frozen=True)
class Book:
    """A catalog, its metrics, and the events of its customers."""

    catalog: Catalog
    events: list[Event]


def random_book(seed: int, *, contract_count: int = 40, event_count: int = 1500) -> Book:
    """A book of `contract_count` contracts; the same seed gives the same book."""
    random = Random(seed)
    mark = f"b{seed}-"
    products = [row for number in range(10) for row in random_product(random, f"{mark}p{number}")]
    products += [row for number in range(3) for row in random_composite(random, mark, f"x{number}")]
    customers = [f"{mark}c{number}" for number in range(max(1, contract_count * 3 // 10))]
    cards = [
        {"rate_card_id": f"{mark}card{n}", "rate_card_name": f"Card {n}", "currency": currency}
        for n, currency in enumerate(CURRENCIES)
    ]
    rates, tiers = random_rates(random, mark, products, cards)
    contracts = [
        random_contract(random, f"{mark}k{n}", random.choice(customers), random.choice(cards))
        for n in range(contract_count)
    ]
    overrides, override_tiers = random_overrides(random, products, rates, contracts)
    catalog = {
        "customers": [{"customer_id": c, "customer_name": c.upper()} for c in customers],
        "rate_cards": cards,
        "pricing_units": [{"pricing_unit": "credits", "pricing_unit_name": "Credits"}],
        "pricing_unit_conversions": [
            {
                "rate_card_id": card["rate_card_id"],
                "pricing_unit": "credits",
                "price_per_unit": random.choice(("0.1", "0.010000000001", "3")),
            }
            for card in cards
        ],
        "products": products,
        "rates": rates,
        "rate_tiers": tiers,
        "contracts": contracts,
        "contract_overrides": overrides,
        "override_tiers": override_tiers,
    }
    senders = [random.choice(customers) for _ in range(event_count)]
    events = [_event(random, f"{mark}e{n:05d}", sender) for n, sender in enumerate(senders)]
    return Book(catalog, events)


def shelf(books: Iterable[Book]) -> Book:
    """All rows and events of several books in one."""
    catalog: Catalog = defaultdict(list)
    events = []
    for book in books:
        for relation, rows in book.catalog.items():
            if relation != "pricing_units" or not catalog[relation]:
                catalog[relation] += rows
        events += book.events
    return Book(dict(catalog), events)


def random_product(random: Random, product_id: str) -> list[Row]:
    """The versions of a usage product."""
    pricing, presentation = random.choice(KEYS)
    is_stable = random.random() < 0.8
    evaluation = random.choice(("", "", "incremental", "period"))
    start_count = random.choice((0, 0, 1, 2))
    starts = {instant_text(random_instant(random)) for _ in range(start_count)}
    if random.random() < 0.9 or not starts:
        starts.add("")
    versions = []
    for start in sorted(starts):
        keys = (pricing, presentation) if is_stable else (pricing, random.choice(("", "user")))
        versions.append(
            {
                "product_id": product_id,
                "starting_at": start,
                "product_name": product_id.upper(),
                "product_type": "usage",
                "tags": random_tags(random),
                "metric_name": random.choice(sorted(METRICS)),
                "pricing_group_keys": keys[0],
                "presentation_group_keys": keys[1],
                "evaluation": evaluation,
                **_adjustment(random),
            }
        )
    return versions


def random_composite(random: Random, mark: str, name: str, *, usage_count: int = 10) -> list[Row]:
    """The versions of a share of some of the first `usage_count` usage products."""
    starts = ["", *({instant_text(random_instant(random))} if random.random() < 0.3 else ())]
    versions = []
    for start in starts:
        based_on = [f"{mark}p{number}" for number in random.sample(range(usage_count), 3)]
        by_tag = random.random() < 0.5
        versions.append(
            {
                "product_id": mark + name,
                "starting_at": start,
                "product_name": f"Share {name}",
                "product_type": "composite",
                "tags": random_tags(random),
                "composite_product_ids": "" if by_tag else "|".join(sorted(based_on)),
                "composite_tags": random.choice(TAGS) if by_tag else "",
                "composite_excludes_free": random.choice(("", "true", "false")),
            }
        )
    return versions


def random_tags(random: Random) -> str:
    """None, one or two of the tags."""
    return "|".join(sorted(random.sample(TAGS, random.choice((0, 1, 1, 2)))))


def _adjustment(random: Random) -> Row:
    operation = random.choice(("", "", "multiply", "divide"))
    method = random.choice(("", "", "up", "down", "half_up"))
    return {
        "conversion_operation": operation,
        "conversion_factor": random.choice(("3", "0.7", "1000", "60")) if operation else "",
        "rounding_method": method,
        "rounding_decimal_places": random.choice(("0", "1", "3")) if method else "",
    }


def random_contract(random: Random, contract_id: str, customer_id: str, card: Row) -> Row:
    """A contract that begins and ends somewhere."""
    start = random_instant(random)
    end = start + timedelta(days=random.choice((1, 20, 31, 45, 100)), hours=random.choice((0, 5)))
    anchor = random.choice(("", "first_of_month", "contract_start", "custom_date"))
    dates = ("2025-12-31", "2026-02-28T07:00:00Z", "2027-01-30")
    has_filter = random.random() < 0.15
    return {
        "contract_id": contract_id,
        "customer_id": customer_id,
        "rate_card_id": card["rate_card_id"],
        "starting_at": instant_text(start),
        "ending_before": instant_text(end) if random.random() < 0.6 else "",
        "billing_frequency": random.choice(("", "monthly", "weekly", "quarterly", "annual")),
        "billing_anchor": anchor,
        "billing_anchor_date": random.choice(dates) if anchor == "custom_date" else "",
        "usage_invoices_from": maybe(random, 0.1, instant_text(random_instant(random))),
        "multiplier_prioritization": random.choice(("", "lowest", "explicit", "explicit")),
        "usage_filter_key": "model" if has_filter else "",
        "usage_filter_values": random.choice(("big", "small|tiny")) if has_filter else "",
    }


def _event(random: Random, transaction_id: str, customer_id: str) -> Event:
    at = random_instant(random) + timedelta(
        microseconds=random.choice((-1, 0, 0, 1, random.randrange(86_400_000_000)))
    )
    properties = {
        "n": random.choice(("0", "1", "1", "2.5", "-1", "10", "0.000000000001", "7.123456")),
        "model": random.choice((*MODELS, "big", "small")),
        "region": random.choice(("eu", "us")),
        "user": f"u{random.randrange(5)}",
    }
    kept = {key: value for key, value in properties.items() if random.random() < 0.93}
    return Event(
        transaction_id, customer_id, random.choice(("call", "job", "gauge", "noise")), at, kept
    )
