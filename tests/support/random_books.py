"""Random catalogs and events that Bursar can rate: small, odd, and full of coincidences.

Times fall on few instants and quantities on few values, so that cuts, tier bounds and ties meet
often.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.support.reference_rater import Event, Row

START = datetime(2026, 1, 1)  # noqa: DTZ001 - all times are UTC without a zone
AS_OF = datetime(2026, 4, 10)  # noqa: DTZ001 - UTC without a zone
METRICS: dict[str, dict[str, Any]] = {
    "calls": {"aggregation": "count", "event_types": ["call"], "property": None},
    "units": {"aggregation": "sum", "event_types": ["call", "job"], "property": "n"},
    "peak": {"aggregation": "max", "event_types": ["gauge"], "property": "n"},
    "level": {"aggregation": "latest", "event_types": ["gauge"], "property": "n"},
    "users": {"aggregation": "unique", "event_types": ["call", "gauge"], "property": "user"},
}
GROUP_KEYS = ("model", "region", "user")
MODELS = ("big", "small", "tiny")


@dataclass(frozen=True)
class Book:
    """A catalog, its metrics, and the events of its customers."""

    catalog: dict[str, list[Row]]
    events: list[Event]


def random_book(seed: int, *, contract_count: int = 40, event_count: int = 1500) -> Book:
    """A book of `contract_count` contracts; the same seed gives the same book."""
    random = Random(seed)
    products = [row for number in range(10) for row in _product(random, f"p{number}")]
    rates, tiers = _rates(random, products)
    customers = [f"c{number}" for number in range(12)]
    catalog = {
        "customers": [{"customer_id": c, "customer_name": c.upper()} for c in customers],
        "rate_cards": [
            {"rate_card_id": f"card{n}", "rate_card_name": f"Card {n}", "currency": "USD"}
            for n in range(4)
        ],
        "products": products,
        "rates": rates,
        "rate_tiers": tiers,
        "contracts": [
            _contract(random, n, random.choice(customers)) for n in range(contract_count)
        ],
    }
    return Book(catalog, [_event(random, n, random.choice(customers)) for n in range(event_count)])


def _instant(random: Random) -> datetime:
    """An instant on the hour; often the first, a middle or the last day of a month, at midnight."""
    day = random.choice((0, 9, 14, 30, 31, 40, 58, 59, 70, 89, 95, random.randrange(98)))
    return START + timedelta(days=day, hours=random.choice((0, 0, 0, 7, 23)))


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _product(random: Random, product_id: str) -> list[Row]:
    keys = random.choice(
        (("", ""), ("", "user"), ("model", ""), ("model", "region|user"), ("", "region"))
    )
    evaluation = random.choice(("", "", "incremental", "period"))
    starts = ["", *sorted({_text(_instant(random)) for _ in range(random.choice((0, 0, 1, 2)))})]
    return [
        {
            "product_id": product_id,
            "starting_at": start,
            "product_name": product_id.upper(),
            "product_type": "usage",
            "metric_name": random.choice(sorted(METRICS)),
            "pricing_group_keys": keys[0],
            "presentation_group_keys": keys[1],
            "evaluation": evaluation,
            **_adjustment(random),
        }
        for start in starts
    ]


def _adjustment(random: Random) -> Row:
    operation = random.choice(("", "", "multiply", "divide"))
    method = random.choice(("", "", "up", "down", "half_up"))
    return {
        "conversion_operation": operation,
        "conversion_factor": random.choice(("3", "0.7", "1000", "60")) if operation else "",
        "rounding_method": method,
        "rounding_decimal_places": random.choice(("0", "1", "3")) if method else "",
    }


def _rates(random: Random, products: list[Row]) -> tuple[list[Row], list[Row]]:
    rates: list[Row] = []
    tiers: list[Row] = []
    keys = {p["product_id"]: p["pricing_group_keys"] for p in products}
    for card in range(4):
        for product_id in sorted(random.sample(sorted(keys), 6)):
            for values in [f"model={m}" for m in MODELS[:2]] if keys[product_id] else [""]:
                starts = {
                    "2020-01-01",
                    *(_text(_instant(random)) for _ in range(random.choice((0, 1, 2)))),
                }
                for start in sorted(starts):
                    rate_id = f"r{len(rates)}"
                    kind = random.choice(("flat", "tiered"))
                    rates.append(
                        {
                            "rate_id": rate_id,
                            "rate_card_id": f"card{card}",
                            "product_id": product_id,
                            "pricing_group_values": values,
                            "starting_at": start,
                            "ending_before": random.choice(("", "", "", "2026-03-11T07:00:00Z")),
                            "is_entitled": random.choice(("", "", "true", "false")),
                            "rate_type": kind,
                            "price": _price(random) if kind == "flat" else "",
                        }
                    )
                    if kind == "tiered":
                        tiers += _tiers(random, rate_id)
    for row in rates:
        if row["ending_before"] and row["ending_before"] <= row["starting_at"]:
            row["ending_before"] = ""
    return rates, tiers


def _price(random: Random) -> str:
    return random.choice(("0", "1", "0.5", "0.000003", "2.75", "0.333333333333", "19.99"))


def _tiers(random: Random, rate_id: str) -> list[Row]:
    starts = ["0", *random.sample(("1", "5", "10", "12.5", "100"), random.choice((0, 1, 2)))]
    return [
        {
            "rate_id": rate_id,
            "tier_start": start,
            "price": _price(random),
            "flat_fee": random.choice(("", "", "0", "5", "0.01")),
        }
        for start in sorted(starts, key=float)
    ]


def _contract(random: Random, number: int, customer_id: str) -> Row:
    start = _instant(random)
    end = start + timedelta(days=random.choice((1, 20, 31, 45, 100)), hours=random.choice((0, 5)))
    anchor = random.choice(("", "first_of_month", "contract_start", "custom_date"))
    return {
        "contract_id": f"k{number}",
        "customer_id": customer_id,
        "rate_card_id": f"card{random.randrange(4)}",
        "starting_at": _text(start),
        "ending_before": _text(end) if random.random() < 0.6 else "",
        "billing_frequency": random.choice(("", "monthly", "weekly", "quarterly", "annual")),
        "billing_anchor": anchor,
        "billing_anchor_date": random.choice(("2025-12-31", "2026-02-28T07:00:00Z", "2027-01-30"))
        if anchor == "custom_date"
        else "",
    }


def _event(random: Random, number: int, customer_id: str) -> Event:
    at = _instant(random) + timedelta(
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
        f"e{number:05d}", customer_id, random.choice(("call", "job", "gauge", "noise")), at, kept
    )
