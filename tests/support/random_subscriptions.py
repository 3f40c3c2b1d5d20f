"""Random contracts with subscriptions and scheduled charges: odd anchors, ties and cut periods.

Times fall on few instants, so that anchors, period ends, changes of quantity and price meet often.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from tests.support.reference_catalog import Row

AS_OF = datetime(2026, 3, 10, 5)  # noqa: DTZ001 - all times are UTC without a zone
CURRENCIES = ("USD", "JPY", "KWD")
FREQUENCIES = ("weekly", "monthly", "quarterly", "annual")
_DAYS = (
    datetime(2025, 11, 30),  # noqa: DTZ001 - UTC without a zone
    datetime(2026, 1, 1),  # noqa: DTZ001 - UTC without a zone
    datetime(2026, 1, 15),  # noqa: DTZ001 - UTC without a zone
    datetime(2026, 1, 31),  # noqa: DTZ001 - UTC without a zone
    datetime(2026, 2, 1),  # noqa: DTZ001 - UTC without a zone
    datetime(2026, 2, 14),  # noqa: DTZ001 - UTC without a zone
    datetime(2026, 2, 28),  # noqa: DTZ001 - UTC without a zone
    datetime(2026, 3, 1),  # noqa: DTZ001 - UTC without a zone
    datetime(2026, 3, 10),  # noqa: DTZ001 - UTC without a zone
    datetime(2026, 4, 30),  # noqa: DTZ001 - UTC without a zone
)


def random_subscriptions(seed: int, *, contract_count: int = 60) -> dict[str, list[Row]]:
    """A catalog of `contract_count` contracts; the same seed gives the same catalog."""
    random = Random(seed)
    catalog: dict[str, list[Row]] = {
        "customers": [{"customer_id": "c", "customer_name": "C"}],
        "products": [
            *(
                {"product_id": f"seat{n}", "product_type": "subscription", "tags": tags}
                for n, tags in enumerate(("plan", "people|plan", ""))
            ),
            {"product_id": "fee", "product_name": "Fee", "product_type": "fixed"},
        ],
        "pricing_units": [{"pricing_unit": "tokens"}],
        "rate_cards": [
            {"rate_card_id": f"{currency}-{n}", "currency": currency}
            for currency in CURRENCIES
            for n in range(2)
        ],
        "pricing_unit_conversions": [
            {
                "rate_card_id": f"{currency}-{n}",
                "pricing_unit": "tokens",
                "price_per_unit": random.choice(("0.1", "0.033333333333", "2")),
            }
            for currency in CURRENCIES
            for n in range(2)
        ],
        "contracts": [_contract(random, number) for number in range(contract_count)],
        "subscriptions": [],
        "subscription_quantities": [],
        "contract_overrides": [],
        "override_tiers": [],
        "scheduled_charges": [],
        "scheduled_charge_items": [],
    }
    catalog["rates"] = _rates(random, [row["rate_card_id"] for row in catalog["rate_cards"]])
    for contract in catalog["contracts"]:
        for number in range(random.choice((0, 0, 1, 4))):
            _add_override(random, catalog, contract, number)
        for number in range(random.choice((0, 1, 1, 2))):
            _add_subscription(random, catalog, contract, number)
        for number in range(random.choice((0, 0, 1, 2))):
            _add_charge(random, catalog, contract, number)
    return catalog


def _instant(random: Random) -> datetime:
    hours = random.choice((0, 0, 0, 0, 1, 7, 23, -1))
    return random.choice(_DAYS) + timedelta(hours=hours)


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _price(random: Random) -> str:
    return random.choice(("0", "1", "20", "31", "744", "0.005", "19.99", "0.333333333333", "-7"))


def _rates(random: Random, cards: list[str]) -> list[Row]:
    return [
        {
            "rate_id": f"{card}|{product}|{frequency}|{start}".replace("|", "_"),
            "rate_card_id": card,
            "product_id": f"seat{product}",
            "starting_at": start,
            "ending_before": _text(_instant(random) + timedelta(days=200))
            if random.random() < 0.2
            else "",
            "is_entitled": random.choice(("", "", "", "true", "false")),
            "rate_type": "flat",
            "price": _price(random),
            "pricing_unit": random.choice(("", "", "", "tokens")),
            "billing_frequency": frequency,
        }
        for card in cards
        for product in range(3)
        for frequency in FREQUENCIES
        if random.random() < 0.9
        for start in sorted({"2020-01-01", *random.sample(["2026-01-15", "2026-02-01"], 1)})
    ]


def _contract(random: Random, number: int) -> Row:
    start = _instant(random)
    end = start + timedelta(days=random.choice((1, 20, 31, 59, 100)), hours=random.choice((0, 5)))
    anchor = random.choice(("", "first_of_month", "contract_start", "custom_date"))
    return {
        "contract_id": f"k{number}",
        "customer_id": "c",
        "rate_card_id": f"{random.choice(CURRENCIES)}-{random.randrange(2)}",
        "starting_at": _text(start),
        "ending_before": _text(end) if random.random() < 0.6 else "",
        "billing_frequency": random.choice(("", "monthly", *FREQUENCIES)),
        "billing_anchor": anchor,
        "billing_anchor_date": _text(_instant(random)) if anchor == "custom_date" else "",
        "usage_invoices_from": random.choice(("", "", "", "2026-02-01")),
        "scheduled_charges_on_usage_invoices": random.choice(("", "true")),
        "multiplier_prioritization": random.choice(("", "lowest", "explicit")),
    }


def _add_override(
    random: Random, catalog: dict[str, list[Row]], contract: Row, number: int
) -> None:
    """One of a kind that may act on a seat, or of one that never does: by tiers or for balances."""
    override_id = f"{contract['contract_id']}o{number}"
    kind = random.choice(("overwrite", "multiplier", "multiplier", "tiered", "entitlement"))
    effect = {
        "overwrite": {"price": _price(random), "pricing_unit": random.choice(("", "", "tokens"))},
        "multiplier": {"multiplier": random.choice(("0", "0.5", "0.9", "0.333333333333", "2"))},
        "tiered": {},
        "entitlement": {"is_entitled": random.choice(("true", "false"))},
    }[kind]
    if kind == "tiered":
        tiers = (("0", "0.1"), ("2", "0.2"))
        catalog["override_tiers"] += [
            {"override_id": override_id, "tier_start": start, "multiplier": multiplier}
            for start, multiplier in tiers
        ]
    target = random.choice(
        ({}, {"product_id": f"seat{random.randrange(3)}"}, {"product_tags": "people|plan"})
    )
    start = _instant(random)
    end = start + timedelta(days=random.choice((1, 20, 60)))
    catalog["contract_overrides"].append(
        {
            "override_id": override_id,
            "contract_id": contract["contract_id"],
            "override_type": "overwrite" if kind == "entitlement" else kind,
            "starting_at": random.choice(("2025-01-01", _text(start))),
            "ending_before": _text(end) if random.random() < 0.3 else "",
            "created_at": random.choice(("", "2025-12-01", "2026-01-02")),
            "billing_frequency": random.choice(("", "", "", *FREQUENCIES)),
            "priority": random.choice(("", "1", "2")),
            "is_commit_specific": random.choice(("", "", "", "", "true")),
        }
        | target
        | effect
    )


def _add_subscription(
    random: Random, catalog: dict[str, list[Row]], contract: Row, number: int
) -> None:
    subscription_id = f"{contract['contract_id']}s{number}"
    start, end = sorted((_instant(random), _instant(random) + timedelta(days=40)))
    contract_end = contract["ending_before"]
    is_within = start < end and not (contract_end and _text(start) >= contract_end)
    is_within = is_within and _text(end) > contract["starting_at"]
    row = {
        "subscription_id": subscription_id,
        "contract_id": contract["contract_id"],
        "product_id": f"seat{random.randrange(3)}",
        "billing_frequency": random.choice(FREQUENCIES),
        "collection": random.choice(("", "advance", "arrears")),
        "starting_at": _text(start) if is_within and random.random() < 0.4 else "",
        "ending_before": _text(end) if is_within and random.random() < 0.4 else "",
        "anchor_date": _text(_instant(random)) if random.random() < 0.4 else "",
        "is_prorated": random.choice(("", "true", "false")),
        "proration_invoicing": random.choice(("", "next", "immediate", "immediate")),
        "proration_rounding_method": random.choice(("", "", "up", "down", "half_up")),
        "proration_decimal_places": random.choice(("", "0", "2", "5")),
        "invoice_placement": random.choice(("", "usage", "usage", "scheduled")),
    }
    catalog["subscriptions"].append(row)
    changes = {_instant(random) for _ in range(random.choice((1, 2, 4, 6)))}
    catalog["subscription_quantities"] += [
        {
            "subscription_id": subscription_id,
            "starting_at": _text(at),
            "quantity": random.choice(("0", "1", "2", "3", "10", "2.5")),
        }
        for at in sorted(changes)
    ]


def _add_charge(random: Random, catalog: dict[str, list[Row]], contract: Row, number: int) -> None:
    charge_id = f"{contract['contract_id']}f{number}"
    row = {
        "scheduled_charge_id": charge_id,
        "contract_id": contract["contract_id"],
        "product_id": "fee",
    }
    catalog["scheduled_charges"].append(row)
    if random.random() < 0.4:
        dates = {_instant(random) + timedelta(days=random.choice((0, 0, 365))) for _ in range(3)}
        catalog["scheduled_charge_items"] += [
            {
                "scheduled_charge_id": charge_id,
                "invoice_at": _text(at),
                "unit_price": _price(random),
                "quantity": random.choice(("", "2", "0.5")),
            }
            for at in sorted(dates)
        ]
        return
    start = _instant(random)
    row |= {
        "starting_at": _text(start),
        "ending_before": _text(start + timedelta(days=random.choice((1, 28, 100, 365)))),
        "frequency": random.choice(FREQUENCIES),
        "amount": random.choice(("100", "0.01", "-10", "99.99", "1000.005", "0.333333333333")),
        "amount_distribution": random.choice(("", "each", "divided", "divided")),
    }
