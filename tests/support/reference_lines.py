"""What the slow rater makes: lines, the charges behind them, and the cuts between slices.

Owns what `reference_rater` and `reference_composites` share.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from tests.support.reference_catalog import (
    Catalog,
    Row,
    ends,
    newest_in_force,
    of_product,
    starts,
)
from tests.support.reference_metering import Groups
from tests.support.reference_prices import targets

NO_GROUPS: Groups = ("", "")
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Line:
    """What a line must agree on."""

    contract_id: str
    period_start: datetime
    line_type: str
    product_id: str = ""
    pricing_group_values: str = ""
    presentation_group_values: str = ""
    starting_at: datetime | None = None
    tier_start: Decimal | None = None
    pricing_unit: str = ""
    quantity: Decimal = Decimal(0)
    unit_price: Decimal = Decimal(0)
    list_price: Decimal | None = None
    amount: Decimal = Decimal(0)
    override_id: str = ""


@dataclass(frozen=True)
class Unrated:
    """Usage without a price."""

    contract_id: str
    product_id: str
    starting_at: datetime
    pricing_group_values: str
    presentation_group_values: str
    quantity: Decimal
    reason: str


@dataclass(frozen=True)
class Charged:
    """A line before balances, and where its units stand on the counter of its period.

    Args:
        line: The line.
        below: The counter below the line's first unit.
        reached: The counter of the product and groups in the end of the period.
    """

    line: Line
    below: Decimal = Decimal(0)
    reached: Decimal = Decimal(0)


def card_of(catalog: Catalog, contract: Row) -> Row:
    """The contract's rate card."""
    return next(c for c in catalog["rate_cards"] if c["rate_card_id"] == contract["rate_card_id"])


def cuts(catalog: Catalog, contract: Row, versions: list[Row], period: Span) -> list[datetime]:
    """The period's ends, and where version, rate in force or override change strictly inside.

    Balances cut, too: the catalog's `balance_spans` say where, where there are any.
    """
    instants = {starts(version) for version in versions}
    rates = [
        r
        for r in of_product(catalog, "rates", versions[0]["product_id"])
        if r["rate_card_id"] == contract["rate_card_id"]
    ]
    priced = {(r.get("pricing_group_values", ""), r.get("rate_basis") or "list") for r in rates}
    for values, basis in priced:
        same = [
            r
            for r in rates
            if r.get("pricing_group_values", "") == values
            and (r.get("rate_basis") or "list") == basis
        ]
        for at in {starts(r) for r in same} | {ends(r) for r in same}:
            if newest_in_force(same, at - timedelta(hours=1)) is not newest_in_force(same, at):
                instants.add(at)
    for override in catalog["contract_overrides"]:
        if targets(override, contract, versions):
            instants |= {starts(override), ends(override)}
    for span in of_product(catalog, "balance_spans", versions[0]["product_id"]):
        if span["contract_id"] == contract["contract_id"]:
            instants |= {starts(span), ends(span)}
    return [period[0], *sorted(i for i in instants if period[0] < i < period[1]), period[1]]


def version_at(versions: list[Row], at: datetime) -> Row | None:
    """The version in force."""
    return max((v for v in versions if starts(v) <= at), key=starts, default=None)
