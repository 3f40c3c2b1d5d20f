"""What balances may pay for: every charge of every open invoice, in the order in which it is paid.

Usage and composites come from `reference_rater`, subscriptions and scheduled charges from
`reference_subscriptions`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.support.reference_catalog import Catalog, Row, of_product, periods, starts
from tests.support.reference_lines import Charged, version_at
from tests.support.reference_metering import Event
from tests.support.reference_rater import Metrics, rate
from tests.support.reference_subscriptions import Charge as Dated
from tests.support.reference_subscriptions import Invoice, bill

Span = tuple[datetime, datetime]
AN_INSTANT = timedelta(microseconds=1)
PAID = ("usage", "flat_fee", "subscription", "composite", "minimum")
_KINDS_ON_AN_INVOICE = {
    "usage": 0,
    "flat_fee": 0,
    "subscription": 1,
    "composite": 2,
    "minimum": 2,
}


@dataclass(frozen=True)
class BilledLine:
    """What a line of an invoice must agree on.

    Args:
        invoice: Its contract, type and start of period.
        line_type: As on the invoice.
        product_id: Blank for conversions.
        groups: Pricing and presentation values as lines write them; blank without any.
        starting_at: From when; none for lines that are not of a time.
        tier_start: None without tiers.
        pricing_unit: What the amount is in.
        quantity: Negative on twins.
        unit_price: The price that was paid.
        amount: What is charged, or was paid.
        commit_id: Who paid, or what is bought; blank for none.
        segment_start: Of the segment that paid, as the catalog states it.
        is_summed: Whether it counts towards the total.
    """

    invoice: Invoice
    line_type: str
    product_id: str
    groups: tuple[str, str]
    starting_at: datetime | None
    tier_start: Decimal | None
    pricing_unit: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    commit_id: str = ""
    segment_start: datetime | None = None
    is_summed: bool = True


@dataclass(frozen=True)
class Charge:
    """A line before balances, and what decides who pays for it.

    Args:
        line: The line.
        contract: Whose it is.
        invoiced_at: The date of its invoice.
        paid_at: The instant that must lie in a segment.
        version: The product's version then.
        subscription_id: Blank for all others.
        below: The tier counter below its first unit.
        reached: The tier counter in the end of the period.
    """

    line: BilledLine
    contract: Row
    invoiced_at: datetime
    paid_at: datetime
    version: Row
    subscription_id: str = ""
    below: Decimal = Decimal(0)
    reached: Decimal = Decimal(0)


def charges(
    catalog: Catalog, metrics: Metrics, events: list[Event], as_of: datetime
) -> tuple[list[Charge], list[Invoice]]:
    """All charges in the order in which balances pay, and all invoices that hold any, or none."""
    contracts = {contract["contract_id"]: contract for contract in catalog["contracts"]}
    found = []
    for charged in rate(catalog, metrics, events, as_of).charged:
        contract = contracts[charged.line.contract_id]
        found.append(_of_usage(catalog, contract, charged, as_of))
    invoices = bill(catalog, as_of).charges
    for invoice, dated in invoices.items():
        contract = contracts[invoice[0]]
        found += [_of_a_date(catalog, contract, invoice, charge, as_of) for charge in dated]
    return sorted(found, key=charge_order), list(invoices)


def charge_order(charge: Charge) -> tuple[Any, ...]:
    """The charge's place among those of its customer."""
    line = charge.line
    return (
        charge.invoiced_at,
        starts(charge.contract),
        charge.contract["contract_id"],
        line.invoice[1] != "usage",
        _KINDS_ON_AN_INVOICE.get(line.line_type, 3),
        line.starting_at,
        -line.unit_price,
        charge.version.get("product_name", ""),
        *line.groups,
        -1 if line.tier_start is None else line.tier_start,
        line.line_type == "flat_fee",
        line.product_id,
        charge.subscription_id,
        line.line_type == "minimum",
    )


def invoiced_at(contract: Row, invoice: Invoice, as_of: datetime) -> datetime:
    """The date of an invoice: the end of its period, or its own."""
    if invoice[1] == "scheduled":
        return invoice[2]
    return next(high for low, high in periods(contract, as_of) if low == invoice[2])


def _of_usage(catalog: Catalog, contract: Row, charged: Charged, as_of: datetime) -> Charge:
    line = charged.line
    invoice = (line.contract_id, "usage", line.period_start)
    end = invoiced_at(contract, invoice, as_of)
    versions = of_product(catalog, "products", line.product_id)
    if line.starting_at is None:
        # A composite spans the period, from its first version on.
        start, paid_at = max(line.period_start, min(map(starts, versions))), end - AN_INSTANT
    else:
        start = paid_at = line.starting_at
    billed = BilledLine(
        invoice,
        line.line_type,
        line.product_id,
        (line.pricing_group_values, line.presentation_group_values),
        start,
        line.tier_start,
        line.pricing_unit,
        line.quantity,
        line.unit_price,
        line.amount,
    )
    return Charge(
        billed,
        contract,
        end,
        paid_at,
        _version(versions, paid_at),
        below=charged.below,
        reached=charged.reached,
    )


def _of_a_date(
    catalog: Catalog, contract: Row, invoice: Invoice, charge: Dated, as_of: datetime
) -> Charge:
    of = "subscription" if charge.line_type == "subscription" else "scheduled_charge"
    (row,) = (r for r in catalog[f"{of}s"] if r[f"{of}_id"] == charge.source_id)
    paid_at = charge.starting_at
    if row.get("collection") == "arrears":
        paid_at = charge.ending_before - AN_INSTANT
    line = BilledLine(
        invoice,
        charge.line_type,
        row["product_id"],
        ("", ""),
        charge.starting_at,
        None,
        charge.pricing_unit,
        charge.quantity,
        charge.unit_price,
        charge.amount,
    )
    return Charge(
        line,
        contract,
        invoiced_at(contract, invoice, as_of),
        paid_at,
        _version(of_product(catalog, "products", row["product_id"]), paid_at),
        subscription_id=charge.source_id if of == "subscription" else "",
    )


def _version(versions: list[Row], at: datetime) -> Row:
    found = version_at(versions, at)
    assert found is not None
    return found


def payable(found: list[Charge]) -> Iterator[Charge]:
    """Those that a balance may pay for, if it fits."""
    return (c for c in found if c.line.line_type in PAID and c.line.quantity > 0)
