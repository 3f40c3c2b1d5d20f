"""The slow rater's prices: the rate, whether one is entitled, and the one override that acts.

A price is made of tiers, of which a flat one has one, and of multipliers, of which most prices have
the one multiplier 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from tests.support.reference_catalog import (
    START_OF_TIME,
    Catalog,
    Row,
    ends,
    group_values,
    instant,
    items,
    newest_in_force,
    pairs,
    starts,
    to_places,
)

Unrated = Literal["no_rate", "not_entitled"]
FIRST = Decimal(0)


@dataclass(frozen=True)
class Tier:
    """Units above `start`, up to and including the next tier's; what has no tiers has no fee."""

    start: Decimal
    price: Decimal
    fee: Decimal | None


@dataclass(frozen=True)
class Price:
    """What usage costs on a contract at an instant.

    Args:
        kind: flat, tiered, volume or percentage.
        tiers: Its own, in order; a flat or percentage price has one.
        multipliers: By the tier start that each begins above.
        fee_multiplier: What the tiers' fees are multiplied by.
        unit: The pricing unit.
        rate: The card's row.
        listed: The card's price; the price itself if no override made it.
        override_id: The override that made it, if one did.
    """

    kind: str
    tiers: tuple[Tier, ...]
    multipliers: tuple[tuple[Decimal, Decimal], ...]
    fee_multiplier: Decimal
    unit: str
    rate: Row
    listed: Price | None = None
    override_id: str = ""

    def unit_price(self, position: Decimal) -> Decimal:
        """The price of the unit at this position of the counter (1 is the first unit)."""
        factor = next(m for start, m in reversed(self.multipliers) if start < position or not start)
        return to_places(self.tier(position).price * factor)

    def tier(self, position: Decimal) -> Tier:
        """The tier that the unit at this position falls in; the first one from 0 downwards."""
        return next(t for t in reversed(self.tiers) if t.start < position or t.start == FIRST)

    def fee(self, tier: Tier) -> Decimal:
        """What reaching the tier costs."""
        return to_places((tier.fee or Decimal(0)) * self.fee_multiplier)

    @property
    def is_of_usage(self) -> bool:
        """Whether tiers can make it: those of subscriptions and composites cannot be cut."""
        return self.kind != "percentage" and not self.rate.get("billing_frequency")

    @property
    def bounds(self) -> list[Decimal]:
        """Where a graduated price may change: both sets of bounds, from 0 on."""
        return sorted({t.start for t in self.tiers} | {start for start, _ in self.multipliers})


def price_at(
    catalog: Catalog,
    contract: Row,
    version: Row,
    groups: tuple[str, str],
    at: datetime,
    frequency: str = "",
) -> Price | Unrated:
    """The price of a product at an instant, or why it has none.

    Args:
        catalog: All rows.
        contract: Whose price it is.
        version: The product's version then.
        groups: The usage's group values, as lines write them.
        at: The instant.
        frequency: Of a subscription; blank for usage and composites.
    """
    rate = _rate(catalog, contract, version, groups, at, frequency, "list")
    if rate is None:
        return "no_rate"
    acting = [
        o
        for o in _matching(catalog, contract, version, groups, at, frequency)
        if o.get("rate_basis", "") in ("", "list") and o.get("is_commit_specific") != "true"
    ]
    said = max((o for o in acting if o.get("is_entitled")), key=_age, default=None)
    if (said or rate).get("is_entitled") == "false":
        return "not_entitled"
    listed = _list_price(catalog, contract, rate)
    winner = _winner(catalog, contract, acting, listed)
    return _overridden(catalog, listed, winner) if winner else listed


def own_price(
    catalog: Catalog,
    contract: Row,
    version: Row,
    groups: tuple[str, str],
    at: datetime,
    rate_basis: str,
    names: frozenset[str],
) -> Price | None:
    """What a balance pays for a unit of usage, if it has a price of its own.

    Args:
        catalog: All rows.
        contract: Whose usage it is.
        version: The product's version then.
        groups: The usage's group values, as lines write them.
        at: The start of the slice.
        rate_basis: The commit's, list or commit.
        names: The ids by which an override may name the balance.
    """
    matching = [
        o
        for o in _matching(catalog, contract, version, groups, at, "")
        if not o.get("commit_ids") or items(o["commit_ids"]) & names
    ]
    rate = None
    if rate_basis == "commit":
        rate = _rate(catalog, contract, version, groups, at, "", "commit")
    if rate is not None:
        base = _list_price(catalog, contract, rate)
        acting = [o for o in matching if o.get("rate_basis") == "commit"]
        winner = _winner(catalog, contract, acting, base)
        return _overridden(catalog, base, winner) if winner else base
    rate = _rate(catalog, contract, version, groups, at, "", "list")
    if rate is None:
        return None
    base = _list_price(catalog, contract, rate)
    acting = [
        o
        for o in matching
        if o.get("rate_basis", "") in ("", "list") and o.get("is_commit_specific") == "true"
    ]
    winner = _winner(catalog, contract, acting, base)
    return _overridden(catalog, base, winner) if winner else None


def targets(override: Row, contract: Row, versions: list[Row]) -> bool:
    """Whether an override is about a product, in any of these versions of it."""
    tags = items(override.get("product_tags", ""))
    return (
        override["contract_id"] == contract["contract_id"]
        and override.get("product_id", "") in ("", versions[0]["product_id"])
        and (not tags or any(tags & items(v.get("tags", "")) for v in versions))
    )


def _rate(
    catalog: Catalog,
    contract: Row,
    version: Row,
    groups: tuple[str, str],
    at: datetime,
    frequency: str,
    basis: str,
) -> Row | None:
    """The card's row in force, of one basis."""
    return newest_in_force(
        [
            r
            for r in catalog["rates"]
            if r["rate_card_id"] == contract["rate_card_id"]
            and r["product_id"] == version["product_id"]
            and (r.get("rate_basis") or "list") == basis
            and r.get("billing_frequency", "") == frequency
            and pairs(r.get("pricing_group_values", "")) == group_values(groups[0])
        ],
        at,
    )


def _matching(
    catalog: Catalog,
    contract: Row,
    version: Row,
    groups: tuple[str, str],
    at: datetime,
    frequency: str,
) -> list[Row]:
    """The overrides in force that are about the product, the group values and the frequency."""
    columns = ("pricing_group_values", "presentation_group_values")
    return [
        o
        for o in catalog["contract_overrides"]
        if targets(o, contract, [version])
        and starts(o) <= at < ends(o)
        and o.get("billing_frequency", "") in ("", frequency)
        and all(
            pairs(o.get(column, "")).items() <= group_values(values).items()
            for column, values in zip(columns, groups, strict=True)
        )
    ]


def _age(override: Row) -> tuple[datetime, str]:
    """The newest is the greatest; of one age, the greatest id."""
    created_at = override.get("created_at")
    return (instant(created_at) if created_at else START_OF_TIME, override["override_id"])


def _winner(catalog: Catalog, contract: Row, acting: list[Row], listed: Price) -> Row | None:
    is_explicit = contract.get("multiplier_prioritization") == "explicit"
    overwrites = [
        o for o in acting if o["override_type"] == "overwrite" and _overwrites(catalog, o, listed)
    ]
    if overwrites:
        return max(overwrites, key=_age)
    multipliers = [o for o in acting if o["override_type"] == "multiplier" and o.get("multiplier")]
    if is_explicit and listed.kind in ("flat", "tiered") and listed.is_of_usage:
        multipliers += [
            o for o in acting if o["override_type"] == "tiered" and _tiers_of(catalog, o)
        ]

    def rank(override: Row) -> Decimal:
        if not is_explicit:
            return Decimal(override["multiplier"])
        return Decimal(override.get("priority") or "Infinity")

    best = min(map(rank, multipliers), default=None)
    return max((o for o in multipliers if rank(o) == best), key=_age, default=None)


def _overwrites(catalog: Catalog, override: Row, listed: Price) -> bool:
    """Whether an overwrite has a price that can stand for this one."""
    is_share = listed.kind == "percentage"
    kind = _kind(catalog, override)
    if kind in ("tiered", "volume"):
        return listed.is_of_usage
    return bool(override.get("price")) and (is_share or kind == "flat")


def _kind(catalog: Catalog, override: Row) -> str:
    return override.get("rate_type") or ("tiered" if _tiers_of(catalog, override) else "flat")


def _tiers_of(catalog: Catalog, override: Row) -> list[Row]:
    rows = [t for t in catalog["override_tiers"] if t["override_id"] == override["override_id"]]
    return sorted(rows, key=lambda t: Decimal(t["tier_start"]))


def _list_price(catalog: Catalog, contract: Row, rate: Row) -> Price:
    """What a row of the card costs, without overrides."""
    card = next(c for c in catalog["rate_cards"] if c["rate_card_id"] == contract["rate_card_id"])
    unit = rate.get("pricing_unit") or card["currency"]
    kind = rate["rate_type"]
    if kind in ("flat", "percentage"):
        tiers: tuple[Tier, ...] = (Tier(FIRST, Decimal(rate["price"]), None),)
    else:
        rows = [t for t in catalog["rate_tiers"] if t["rate_id"] == rate["rate_id"]]
        tiers = _own_tiers(sorted(rows, key=lambda t: Decimal(t["tier_start"])))
    return Price(kind, tiers, ((FIRST, Decimal(1)),), Decimal(1), unit, rate)


def _own_tiers(rows: list[Row]) -> tuple[Tier, ...]:
    return tuple(
        Tier(Decimal(t["tier_start"]), Decimal(t["price"]), Decimal(t.get("flat_fee") or "0"))
        for t in rows
    )


def _overridden(catalog: Catalog, listed: Price, override: Row) -> Price:
    rows = _tiers_of(catalog, override)
    multipliers = listed.multipliers
    fee_multiplier = Decimal(1)
    tiers, kind, unit = listed.tiers, listed.kind, listed.unit
    if override["override_type"] == "overwrite":
        kind = "percentage" if kind == "percentage" else _kind(catalog, override)
        unit = override.get("pricing_unit") or unit
        own = kind in ("tiered", "volume")
        tiers = _own_tiers(rows) if own else (Tier(FIRST, Decimal(override["price"]), None),)
        if listed.kind == "percentage":
            unit = listed.unit
    elif override["override_type"] == "multiplier":
        fee_multiplier = Decimal(override["multiplier"])
        multipliers = ((FIRST, fee_multiplier),)
    else:
        kind = "tiered"
        multipliers = tuple((Decimal(t["tier_start"]), Decimal(t["multiplier"])) for t in rows)
    return Price(
        kind,
        tiers,
        multipliers,
        fee_multiplier,
        unit,
        listed.rate,
        listed,
        override["override_id"],
    )
