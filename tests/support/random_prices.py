"""Random rates and overrides for random books, with their tiers."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from tests.support.reference_catalog import Row, items

START = datetime(2026, 1, 1)  # noqa: DTZ001 - all times are UTC without a zone
MODELS = ("big", "small", "tiny")
TAGS = ("ai", "data", "gpu")
BOUNDS = ("1", "5", "10", "12.5", "100")


def random_instant(random: Random) -> datetime:
    """An instant on the hour; often the first, a middle or the last day of a month, at midnight."""
    day = random.choice((0, 9, 14, 30, 31, 40, 58, 59, 70, 89, 95, random.randrange(98)))
    return START + timedelta(days=day, hours=random.choice((0, 0, 0, 7, 23)))


def instant_text(at: datetime) -> str:
    """The instant as the catalog writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def maybe(random: Random, chance: float, text: str) -> str:
    """The text with some chance, else blank."""
    return text if random.random() < chance else ""


def random_rates(
    random: Random,
    mark: str,
    products: list[Row],
    cards: list[Row],
    *,
    commit_chance: float = 0.15,
) -> tuple[list[Row], list[Row]]:
    """Rates of up to 8 products on each card, some of them with commit rates, and their tiers."""
    rates: list[Row] = []
    tiers: list[Row] = []
    first_versions = {row["product_id"]: row for row in reversed(products)}
    for card in cards:
        for product_id in sorted(
            random.sample(sorted(first_versions), min(8, len(first_versions)))
        ):
            product = first_versions[product_id]
            for values in _priced_values(product):
                for basis in ("", "commit") if random.random() < commit_chance else ("",):
                    found = _rate_history(random, product, values)
                    for row in found:
                        row |= {
                            "rate_id": f"{mark}r{len(rates)}",
                            "rate_card_id": card["rate_card_id"],
                            "rate_basis": basis,
                        }
                        rates.append(row)
                        if row["rate_type"] in ("tiered", "volume"):
                            tiers += [{"rate_id": row["rate_id"], **t} for t in _tiers(random)]
    return rates, tiers


def _priced_values(product: Row) -> list[str]:
    return [f"model={m}" for m in MODELS[:2]] if product.get("pricing_group_keys") else [""]


def _rate_history(random: Random, product: Row, values: str) -> list[Row]:
    """The rows of one price, in order of their starts."""
    is_share = product["product_type"] == "composite"
    later = {instant_text(random_instant(random)) for _ in range(random.choice((0, 1, 2)))}
    first = "2020-01-01" if random.random() < 0.9 else instant_text(random_instant(random))
    rows = []
    for start in sorted({first, *later}):
        kind = "percentage" if is_share else random.choice(("flat", "tiered", "volume"))
        end = random.choice(("", "", "", "2026-03-11T07:00:00Z"))
        row = {
            "product_id": product["product_id"],
            "pricing_group_values": values,
            "starting_at": start,
            "ending_before": end if end > start else "",
            "is_entitled": random.choice(("", "", "true", "false")),
            "rate_type": kind,
            "price": random_price(random) if kind == "flat" else "",
            "pricing_unit": random.choice(("", "", "", "credits")),
        }
        if is_share:
            row["price"] = _share(random)
            row["minimum"] = random.choice(("", "", "0", "7.5", "100"))
        rows.append(row)
    return rows


def _share(random: Random) -> str:
    return random.choice(("0.05", "0.1", "0.333333333333", "1"))


def random_price(random: Random) -> str:
    """A price per unit; often equal to another, sometimes 0."""
    return random.choice(("0", "1", "0.5", "0.000003", "2.75", "0.333333333333", "19.99"))


def _tiers(random: Random) -> list[Row]:
    starts = ["0", *random.sample(BOUNDS, random.choice((0, 1, 2)))]
    return [
        {
            "tier_start": start,
            "price": random_price(random),
            "flat_fee": random.choice(("", "", "0", "5", "0.01")),
        }
        for start in sorted(starts, key=float)
    ]


def random_overrides(
    random: Random, products: list[Row], rates: list[Row], contracts: list[Row]
) -> tuple[list[Row], list[Row]]:
    """Overrides of contracts, and their tiers; ids sort otherwise than their dates."""
    overrides: list[Row] = []
    tiers: list[Row] = []
    shares = {p["product_id"] for p in products if p["product_type"] == "composite"}
    for contract in contracts:
        on_card = {r["product_id"] for r in rates if r["rate_card_id"] == contract["rate_card_id"]}
        sold = [p for p in products if p["product_id"] in on_card]
        for number in range(random.choice((0, 1, 3, 6))):
            override_id = f"{contract['contract_id']}-o{random.randrange(90)}-{number}"
            kind = random.choice(("overwrite", "multiplier", "multiplier", "tiered"))
            target = _target(random, sold)
            may_have_tiers = kind == "overwrite" and target["product_id"] not in shares
            has_tiers = kind == "tiered" or (may_have_tiers and random.random() < 0.5)
            overrides.append(
                {
                    "override_id": override_id,
                    "contract_id": contract["contract_id"],
                    "override_type": kind,
                    **_term(random),
                    **target,
                    "is_entitled": random.choice(("", "", "", "true", "false")),
                    **_effect(random, kind, has_tiers),
                    "is_commit_specific": maybe(random, 0.1, "true"),
                    "rate_basis": random.choice(("", "", "", "list", "commit")),
                }
            )
            if has_tiers:
                tiers += [{"override_id": override_id, **t} for t in _own_tiers(random, kind)]
    return overrides, tiers


def _term(random: Random) -> Row:
    start = datetime(2025, 6, 1) if random.random() < 0.4 else random_instant(random)  # noqa: DTZ001 - UTC
    end = start + timedelta(days=random.choice((1, 14, 31, 400)))
    return {
        "starting_at": instant_text(start),
        "ending_before": maybe(random, 0.5, instant_text(end)),
        "created_at": random.choice(("", "2025-01-01", "2025-01-01", "2025-03-01")),
    }


def _target(random: Random, sold: list[Row]) -> Row:
    """A product, tags or all; and perhaps group values that the product has."""
    product = random.choice(sold)
    by = random.choice(("product", "product", "tags", "both", "all"))
    keys = items(product.get("presentation_group_keys", ""))
    is_usage = product["product_type"] == "usage"
    wants_model = random.random() < 0.3 and (
        by == "all" or (is_usage and bool(product.get("pricing_group_keys")))
    )
    wants_user = random.random() < 0.2 and by == "product" and "user" in keys
    return {
        "product_id": product["product_id"] if by in ("product", "both") else "",
        "product_tags": random.choice(TAGS) if by in ("tags", "both") else "",
        "pricing_group_values": f"model={random.choice(MODELS[:2])}" if wants_model else "",
        "presentation_group_values": f"user=u{random.randrange(2)}" if wants_user else "",
        # About subscriptions alone, but it cuts usage all the same.
        "billing_frequency": maybe(random, 0.1, "monthly") if by in ("tags", "all") else "",
    }


def _effect(random: Random, kind: str, has_tiers: bool) -> Row:
    if kind == "multiplier":
        return {
            "multiplier": random.choice(("0", "0.5", "0.5", "0.9", "1", "1.1", "0.333333333333")),
            "priority": random.choice(("", "1", "1", "2")),
        }
    if kind == "tiered":
        return {"priority": random.choice(("", "1", "2"))}
    if not has_tiers and random.random() < 0.15:
        return {"is_entitled": random.choice(("true", "false"))}
    return {
        "rate_type": random.choice(("", "tiered", "volume")) if has_tiers else "",
        "price": "" if has_tiers else random_price(random),
        "pricing_unit": random.choice(("", "", "credits")),
    }


def _own_tiers(random: Random, kind: str) -> list[Row]:
    if kind == "overwrite":
        return _tiers(random)
    starts = ["0", *random.sample(BOUNDS, random.choice((0, 1, 2)))]
    factors = ("0.5", "0.8", "1", "0", "0.666666666667")
    return [
        {"tier_start": s, "multiplier": random.choice(factors)} for s in sorted(starts, key=float)
    ]
