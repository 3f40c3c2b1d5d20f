"""Subscriptions and scheduled charges, worked out slowly: row by row, in Decimal, from the rules.

Covers their periods, quantities, prices, proration, dates and invoices, and the totals of invoices
that hold nothing else. Rows are the catalog's, as text. Usage is reference_rater's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

from tests.support.reference_catalog import (
    FOREVER,
    PLACES_12,
    Row,
    boundary,
    instant,
    of_product,
)
from tests.support.reference_lines import card_of, version_at
from tests.support.reference_metering import ROUNDINGS
from tests.support.reference_prices import FIRST, Price, price_at
from tests.support.reference_prices import Unrated as NoPrice

HOUR = timedelta(hours=1)
HORIZON = timedelta(days=365)
MINOR_UNITS = {"USD": 2, "JPY": 0, "KWD": 3}
Invoice = tuple[str, str, datetime]
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Charge:
    """One charge: what it is for, and what it costs."""

    source_id: str
    line_type: str
    starting_at: datetime
    ending_before: datetime
    quantity: Decimal
    unit_price: Decimal
    pricing_unit: str
    is_prorated: bool
    charged_at: datetime
    placement: str

    @property
    def amount(self) -> Decimal:
        """Quantity times price at 12 places."""
        return (self.quantity * self.unit_price).quantize(PLACES_12, ROUND_HALF_UP)


@dataclass(frozen=True)
class Unrated:
    """A charge that would have been made."""

    subscription_id: str
    starting_at: datetime
    quantity: Decimal
    reason: str


@dataclass(frozen=True)
class Bills:
    """Charges by invoice, each invoice's total, and what has no price."""

    charges: dict[Invoice, list[Charge]]
    totals: dict[Invoice, Decimal]
    unrated: set[Unrated]


def bill(catalog: dict[str, list[Row]], as_of: datetime) -> Bills:
    """Everything but usage that is billed as of an instant."""
    with localcontext(Context(prec=80, rounding=ROUND_HALF_UP)):
        charges: dict[Invoice, list[Charge]] = defaultdict(list)
        unrated = set()
        for contract in catalog["contracts"]:
            contract_id = contract["contract_id"]
            for start, _ in _invoiced_periods(contract, as_of):
                if start <= as_of:
                    charges[contract_id, "usage", start] = []
            for found in _charges(catalog, contract, as_of):
                if isinstance(found, Unrated):
                    unrated.add(found)
                elif invoice := _invoice(contract, found, as_of):
                    charges[invoice].append(found)
        totals = {key: _total(catalog, key[0], found) for key, found in charges.items()}
        return Bills(dict(charges), totals, unrated)


def calendar(anchor: datetime, frequency: str, until: datetime) -> Iterator[Span]:
    """The whole periods of a calendar that begin before an instant, from long ago on."""
    for k in range(-400, 1200):
        low, high = boundary(anchor, frequency, k), boundary(anchor, frequency, k + 1)
        if low >= until:
            return
        yield low, high


def contract_anchor(contract: Row) -> datetime:
    """The instant that the contract's calendar counts from."""
    start = instant(contract["starting_at"])
    if contract.get("billing_anchor") == "contract_start":
        return start
    if contract.get("billing_anchor") == "custom_date":
        return instant(contract["billing_anchor_date"])
    return start.replace(day=1, hour=0)


def contract_term(contract: Row) -> Span:
    """From when to when a contract runs."""
    end = contract.get("ending_before")
    return instant(contract["starting_at"]), instant(end) if end else FOREVER


def _invoiced_periods(contract: Row, as_of: datetime) -> Iterator[Span]:
    """The contract's billing periods that have a usage invoice, also those that have not begun."""
    start, end = contract_term(contract)
    frequency = contract.get("billing_frequency") or "monthly"
    first = contract.get("usage_invoices_from")
    for low, high in calendar(contract_anchor(contract), frequency, as_of + HORIZON + 2 * HOUR):
        low, high = max(low, start), min(high, end)
        if low < high and not (first and high <= instant(first)):
            yield low, high


def _charges(
    catalog: dict[str, list[Row]], contract: Row, as_of: datetime
) -> Iterator[Charge | Unrated]:
    for subscription in catalog["subscriptions"]:
        if subscription["contract_id"] == contract["contract_id"]:
            yield from _subscription_charges(catalog, contract, subscription, as_of)
    for charge in catalog["scheduled_charges"]:
        if charge["contract_id"] == contract["contract_id"]:
            yield from _scheduled_charges(catalog, contract, charge, as_of)


def _subscription_charges(
    catalog: dict[str, list[Row]], contract: Row, subscription: Row, as_of: datetime
) -> Iterator[Charge | Unrated]:
    start, end = contract_term(contract)
    if subscription.get("starting_at"):
        start = max(start, instant(subscription["starting_at"]))
    if subscription.get("ending_before"):
        end = min(end, instant(subscription["ending_before"]))
    own_anchor = subscription.get("anchor_date")
    anchor = instant(own_anchor) if own_anchor else contract_anchor(contract)
    frequency = subscription["billing_frequency"]
    for whole in calendar(anchor, frequency, as_of + HORIZON + HOUR):
        low, high = max(whole[0], start), min(whole[1], end)
        if low >= high:
            continue
        product = version_at(of_product(catalog, "products", subscription["product_id"]), low)
        rate: Price | NoPrice = "no_rate"
        if product is not None:
            rate = price_at(catalog, contract, product, ("", ""), low, frequency)
        for at, quantity in _quantities(catalog, subscription, low, high):
            charge = _priced(contract, subscription, rate, whole, (low, high), at, quantity)
            if isinstance(charge, Charge) or _charged_at(subscription, at, high) <= as_of:
                yield charge


def _quantities(
    catalog: dict[str, list[Row]], subscription: Row, low: datetime, high: datetime
) -> Iterator[tuple[datetime, Decimal]]:
    """What is charged from when: the quantity at the start, then what exceeds the highest."""
    rows = sorted(
        (instant(row["starting_at"]), Decimal(row["quantity"]))
        for row in catalog["subscription_quantities"]
        if row["subscription_id"] == subscription["subscription_id"]
    )
    highest = Decimal(0)
    for at, quantity in rows:
        if at <= low:
            highest = quantity
    if highest:
        yield low, highest
    for at, quantity in rows:
        if low < at < high and quantity > highest:
            yield at, quantity - highest
            highest = quantity


def _charged_at(subscription: Row, at: datetime, period_end: datetime) -> datetime:
    return period_end if subscription.get("collection") == "arrears" else at


def _priced(
    contract: Row,
    subscription: Row,
    rate: Price | NoPrice,
    whole: Span,
    cut: Span,
    at: datetime,
    quantity: Decimal,
) -> Charge | Unrated:
    if not isinstance(rate, Price):
        return Unrated(subscription["subscription_id"], at, quantity, rate)
    price = rate.unit_price(FIRST)
    is_part = (at, cut[1]) != whole and subscription.get("is_prorated") != "false"
    if is_part:
        covered, hours = (cut[1] - at) // HOUR, (whole[1] - whole[0]) // HOUR
        price = (price * covered / hours).quantize(PLACES_12)
        if method := subscription.get("proration_rounding_method"):
            places = int(subscription.get("proration_decimal_places") or 0)
            price = price.quantize(Decimal(1).scaleb(-places), ROUNDINGS[method])
    placement = "on the day"
    is_increase = at > cut[0]
    waits = is_increase and (subscription.get("proration_invoicing") or "next") == "next"
    if subscription.get("collection") == "arrears" or waits:
        placement = "the instant before"
    if subscription.get("invoice_placement") == "scheduled":
        placement = "alone"
    return Charge(
        subscription["subscription_id"],
        "subscription",
        at,
        cut[1],
        quantity,
        price,
        rate.unit,
        is_part,
        _charged_at(subscription, at, cut[1]),
        placement,
    )


def _scheduled_charges(
    catalog: dict[str, list[Row]], contract: Row, row: Row, as_of: datetime
) -> Iterator[Charge]:
    is_on_usage = contract.get("scheduled_charges_on_usage_invoices") == "true"
    currency = card_of(catalog, contract)["currency"]

    def made(at: datetime, quantity: Decimal, price: Decimal) -> Charge:
        return Charge(
            row["scheduled_charge_id"],
            "scheduled",
            at,
            at,
            quantity,
            price,
            currency,
            is_prorated=False,
            charged_at=at,
            placement="on the day" if is_on_usage else "alone",
        )

    for item in catalog["scheduled_charge_items"]:
        if item["scheduled_charge_id"] == row["scheduled_charge_id"]:
            quantity = Decimal(item.get("quantity") or 1)
            yield made(instant(item["invoice_at"]), quantity, Decimal(item["unit_price"]))
    if not row.get("frequency"):
        return
    contract_start, contract_end = contract_term(contract)
    start = instant(row["starting_at"]) if row.get("starting_at") else contract_start
    end = instant(row["ending_before"]) if row.get("ending_before") else contract_end
    is_divided = row.get("amount_distribution") == "divided"
    until = end if is_divided else min(end, as_of + HORIZON + HOUR)
    dates = [low for low, _ in calendar(start, row["frequency"], until) if start <= low < end]
    amount, unit = Decimal(row["amount"]), Decimal(1).scaleb(-MINOR_UNITS[currency])
    before = Decimal(0)
    for number, at in enumerate(dates, start=1):
        if is_divided:
            so_far = (amount * number / len(dates)).quantize(unit)
            yield made(at, Decimal(1), so_far - before)
            before = so_far
        else:
            yield made(at, Decimal(1), amount)


def _invoice(contract: Row, charge: Charge, as_of: datetime) -> Invoice | None:
    """Where a charge goes; none if it is not shown yet."""
    at, contract_id = charge.charged_at, contract["contract_id"]
    for low, high in _invoiced_periods(contract, as_of):
        if charge.placement == "on the day":
            is_it = high.date() == at.date() and high >= at
        else:
            is_it = charge.placement == "the instant before" and low < at <= high
        if is_it:
            return (contract_id, "usage", low) if low <= as_of else None
    return (contract_id, "scheduled", at) if at <= as_of + HORIZON else None


def _total(catalog: dict[str, list[Row]], contract_id: str, charges: list[Charge]) -> Decimal:
    (contract,) = (row for row in catalog["contracts"] if row["contract_id"] == contract_id)
    currency = card_of(catalog, contract)["currency"]
    units: dict[str, Decimal] = defaultdict(Decimal)
    for charge in charges:
        units[charge.pricing_unit] += charge.amount
    total = units.pop(currency, Decimal(0))
    for unit, quantity in units.items():
        (row,) = (
            row
            for row in catalog["pricing_unit_conversions"]
            if (row["rate_card_id"], row["pricing_unit"]) == (contract["rate_card_id"], unit)
        )
        total += (quantity * Decimal(row["price_per_unit"])).quantize(PLACES_12)
    return total.quantize(Decimal(1).scaleb(-MINOR_UNITS[currency]))
