"""Random books of customers whose balances run dry everywhere: inside lines, tiers and periods.

Amounts are small and prices few, so that what is left, what is due and what is equal meet often.
Commits are in `random_commits`, usage, prices and overrides of usage in `random_books`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from tests.support.random_books import (
    CURRENCIES,
    Book,
    random_composite,
    random_contract,
    random_product,
    random_tags,
)
from tests.support.random_commits import add_commit, add_recurring_commit
from tests.support.random_prices import (
    MODELS,
    instant_text,
    maybe,
    random_instant,
    random_overrides,
    random_price,
    random_rates,
)
from tests.support.reference_catalog import Catalog, Row
from tests.support.reference_metering import Event

USAGE_PRODUCT_COUNT = 4
FREQUENCIES = ("weekly", "monthly", "quarterly", "annual")
EMPTY = (
    "commits",
    "commit_specifiers",
    "commit_segments",
    "commit_invoices",
    "commit_adjustments",
    "recurring_commits",
    "subscriptions",
    "subscription_quantities",
    "scheduled_charges",
    "scheduled_charge_items",
)


def random_balances(seed: int, *, customer_count: int = 3, event_count: int = 240) -> Book:
    """A book of `customer_count` customers; the same seed gives the same book."""
    random = Random(seed)
    mark = f"d{seed}-"
    products = _products(random, mark)
    cards = [
        {"rate_card_id": f"{mark}card{n}", "rate_card_name": f"Card {n}", "currency": currency}
        for n, currency in enumerate(CURRENCIES)
    ]
    metered = [p for p in products if p["product_type"] in ("usage", "composite")]
    rates, tiers = random_rates(random, mark, metered, cards, commit_chance=0.7)
    for row in rates:
        row["is_entitled"] = row["is_entitled"] if random.random() < 0.2 else ""
    rates += _seat_rates(random, mark, cards)
    customers = [f"{mark}c{number}" for number in range(customer_count)]
    contracts = [row for customer in customers for row in _contracts(random, customer, cards)]
    overrides, override_tiers = random_overrides(random, metered, rates, contracts)
    catalog: Catalog = {
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
        **{name: [] for name in EMPTY},
    }
    for contract in contracts:
        _add_dated_charges(random, catalog, contract, mark)
    for customer in customers:
        _add_balances(random, catalog, customer, mark)
    _mark_tags(catalog, mark)
    senders = [random.choice(customers) for _ in range(event_count)]
    events = [_event(random, f"{mark}e{n:05d}", sender) for n, sender in enumerate(senders)]
    return Book(catalog, events)


def _mark_tags(catalog: Catalog, mark: str) -> None:
    """Gives a book tags of its own: how many products a tag fits is asked of the whole catalog."""
    columns = ("tags", "product_tags", "composite_tags", "applicable_product_tags")
    for rows in catalog.values():
        for row in rows:
            for column in columns:
                if row.get(column):
                    row[column] = "|".join(mark + tag for tag in row[column].split("|"))


def _products(random: Random, mark: str) -> list[Row]:
    """Usage, a share of it, seats that change their tags, and a fee; some have the same name."""
    products = [
        row for n in range(USAGE_PRODUCT_COUNT) for row in random_product(random, f"{mark}p{n}")
    ]
    for row in products:
        row["product_name"] = random.choice(("Alpha", "Beta", row["product_name"]))
        # Few groups and sums of many units: lines that reach over several tiers.
        row["metric_name"] = random.choice(("units", "units", row["metric_name"]))
        row["presentation_group_keys"] = maybe(random, 0.4, row["presentation_group_keys"])
        if row["product_id"] == f"{mark}p0":
            row["pricing_group_keys"] = "model"
    products += random_composite(random, mark, "x0", usage_count=USAGE_PRODUCT_COUNT)
    for number in range(2):
        starts = {"", maybe(random, 0.5, instant_text(random_instant(random)))}
        products += [
            {
                "product_id": f"{mark}s{number}",
                "starting_at": start,
                "product_name": "Seat",
                "product_type": "subscription",
                "tags": random_tags(random),
            }
            for start in sorted(starts)
        ]
    fee = {"product_id": f"{mark}fee", "product_name": "Fee", "product_type": "fixed"}
    return [*products, fee]


def _seat_rates(random: Random, mark: str, cards: list[Row]) -> list[Row]:
    return [
        {
            "rate_id": f"{mark}r-{card['rate_card_id']}-s{number}-{frequency}",
            "rate_card_id": card["rate_card_id"],
            "product_id": f"{mark}s{number}",
            "starting_at": "2020-01-01",
            "rate_type": "flat",
            "price": random_price(random),
            "pricing_unit": random.choice(("", "", "credits")),
            "billing_frequency": frequency,
        }
        for card in cards
        for number in range(2)
        for frequency in FREQUENCIES
    ]


def _contracts(random: Random, customer_id: str, cards: list[Row]) -> list[Row]:
    """One to four contracts: most renew the one before, some stand beside it."""
    usual = random.choice(cards)
    dates = sorted({random_instant(random) for _ in range(random.choice((1, 2, 3, 4)))})
    contracts: list[Row] = []
    for number, start in enumerate(dates):
        card = usual if random.random() < 0.8 else random.choice(cards)
        contract = random_contract(random, f"{customer_id}-k{number}", customer_id, card)
        contract |= {
            "starting_at": instant_text(start),
            "usage_filter_key": "",
            "usage_filter_values": "",
            "usage_invoices_from": maybe(random, 0.05, instant_text(random_instant(random))),
            "scheduled_charges_on_usage_invoices": maybe(random, 0.3, "true"),
        }
        end = start + timedelta(days=random.choice((1, 20, 31, 45, 100)))
        contract["ending_before"] = maybe(random, 0.5, instant_text(end))
        if contracts and random.random() < 0.85:
            contracts[-1]["ending_before"] = contract["starting_at"]
            contract["renews_contract_id"] = contracts[-1]["contract_id"]
        contracts.append(contract)
    return contracts


def _add_dated_charges(random: Random, catalog: Catalog, contract: Row, mark: str) -> None:
    """Seats, and a fee that no balance pays."""
    contract_id = contract["contract_id"]
    for number in range(random.choice((0, 0, 1, 2))):
        subscription_id = f"{contract_id}-s{number}"
        catalog["subscriptions"].append(
            {
                "subscription_id": subscription_id,
                "contract_id": contract_id,
                "product_id": f"{mark}s{random.randrange(2)}",
                "billing_frequency": random.choice(FREQUENCIES),
                "collection": random.choice(("", "advance", "arrears")),
                "anchor_date": maybe(random, 0.3, instant_text(random_instant(random))),
                "is_prorated": random.choice(("", "true", "false")),
                "proration_invoicing": random.choice(("", "next", "immediate")),
                "invoice_placement": random.choice(("", "usage", "usage", "scheduled")),
            }
        )
        changes = {random_instant(random) for _ in range(random.choice((1, 2, 3)))}
        catalog["subscription_quantities"] += [
            {
                "subscription_id": subscription_id,
                "starting_at": start,
                "quantity": random.choice(("0", "1", "2", "2.5")),
            }
            for start in sorted({"2020-01-01", *map(instant_text, changes)})
        ]
    if random.random() < 0.3:
        charge_id = f"{contract_id}-f"
        catalog["scheduled_charges"].append(
            {
                "scheduled_charge_id": charge_id,
                "contract_id": contract_id,
                "product_id": f"{mark}fee",
            }
        )
        catalog["scheduled_charge_items"].append(
            {
                "scheduled_charge_id": charge_id,
                "invoice_at": instant_text(random_instant(random)),
                "unit_price": "7",
                "quantity": "",
            }
        )


def _add_balances(random: Random, catalog: Catalog, customer_id: str, mark: str) -> None:
    """Commits of a customer and of its contracts, and overrides of what they pay for."""
    contracts = [c for c in catalog["contracts"] if c["customer_id"] == customer_id]
    ids = []
    for number in range(random.choice((1, 2, 4, 7))):
        ids.append(f"{customer_id}-b{random.randrange(90):02d}-{number}")
        add_commit(random, catalog, customer_id, contracts, ids[-1], f"{mark}fee")
    for contract in contracts:
        for number in range(random.choice((0, 0, 1, 2))):
            ids.append(f"{contract['contract_id']}-g{number}")
            add_recurring_commit(random, catalog, contract, ids[-1], f"{mark}fee")
    contract_ids = {contract["contract_id"] for contract in contracts}
    for override in catalog["contract_overrides"]:
        if override["contract_id"] in contract_ids:
            is_of_balances = override["rate_basis"] == "commit"
            if random.random() < 0.6:
                override["is_commit_specific"] = "true"
                override["rate_basis"] = random.choice(("", "list", "commit"))
                is_of_balances = True
            if is_of_balances and random.random() < 0.4:
                override["commit_ids"] = random.choice(ids)


def _event(random: Random, transaction_id: str, customer_id: str) -> Event:
    at: datetime = random_instant(random) + timedelta(
        microseconds=random.choice((-1, 0, 0, 1, random.randrange(86_400_000_000)))
    )
    values = ("1", "2", "10", "40", "-1", "0.000000000001", "3.141592653589", "17.123456789012")
    properties = {
        "n": random.choice(values),
        "model": random.choice(MODELS[:2]),
        "region": random.choice(("eu", "us")),
        "user": f"u{random.randrange(2)}",
    }
    kept = {key: value for key, value in properties.items() if random.random() < 0.97}
    return Event(transaction_id, customer_id, random.choice(("call", "job", "gauge")), at, kept)
