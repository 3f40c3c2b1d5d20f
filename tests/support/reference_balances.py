"""The bill after balances, worked out slowly from the rules: charge by charge, in plain Python.

Owns what stands on invoices: what nobody paid for, what balances paid and their twins, purchases,
true-ups, custom units turned into money, and totals. Draws and the ledger are its neighbours'.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

from tests.support.reference_catalog import Catalog, Row, to_places
from tests.support.reference_charges import BilledLine, Charge, charges
from tests.support.reference_commits import Segment, commit_segments
from tests.support.reference_draws import Drawdown, covered_lines, draw_down, rest_line
from tests.support.reference_ledger import Balance, Entry, balances, ledger
from tests.support.reference_lines import card_of
from tests.support.reference_metering import Event
from tests.support.reference_order import balance_spans
from tests.support.reference_rater import MINOR_UNITS, Metrics
from tests.support.reference_subscriptions import HORIZON, Invoice


@dataclass(frozen=True)
class Statement:
    """Every line but rounding, every invoice's total, every balance and every movement."""

    lines: list[BilledLine]
    totals: dict[Invoice, Decimal]
    balances: list[Balance]
    ledger: list[Entry]


def settle(catalog: Catalog, metrics: Metrics, events: list[Event], as_of: datetime) -> Statement:
    """Everything that is billed as of an instant, and what it leaves of all balances."""
    with localcontext(Context(prec=100, rounding=ROUND_HALF_UP)):
        segments = commit_segments(catalog, as_of)
        catalog = {**catalog, "balance_spans": balance_spans(catalog, as_of)}
        found, invoices = charges(catalog, metrics, events, as_of)
        down = draw_down(catalog, segments, found, as_of)
        lines = [*_paid_lines(found, down), *_bought_lines(catalog, segments, down, as_of)]
        invoices += [line.invoice for line in lines]
        by_invoice: dict[Invoice, list[BilledLine]] = {invoice: [] for invoice in invoices}
        for line in lines:
            by_invoice[line.invoice].append(line)
        totals = {}
        all_lines: list[BilledLine] = []
        for invoice, own in by_invoice.items():
            contract = _contract(catalog, invoice[0])
            own += _conversion_lines(catalog, contract, invoice, own)
            currency = card_of(catalog, contract)["currency"]
            all_lines += [_in_money(currency, line) for line in own]
            totals[invoice] = _total(currency, own)
        entries = ledger(down, as_of)
        return Statement(all_lines, totals, balances(down, entries), entries)


def _paid_lines(found: list[Charge], down: Drawdown) -> Iterator[BilledLine]:
    """What is left of every charge, and what balances paid of it."""
    touched = {id(draw.charge) for draw in down.draws}
    for charge in found:
        if id(charge) not in touched:
            yield charge.line
    for unpaid in down.unpaid:
        if id(unpaid.charge) in touched and unpaid.quantity > 0:
            yield rest_line(unpaid)
    for draw in down.draws:
        yield from covered_lines(draw)


def _bought_lines(
    catalog: Catalog, segments: list[Segment], down: Drawdown, as_of: datetime
) -> Iterator[BilledLine]:
    """Purchases and true-ups: each on a scheduled invoice of its date."""
    seen: set[str] = set()
    for segment in segments:
        commit = segment.commit
        if commit.commit_id in seen:
            continue
        seen.add(commit.commit_id)
        contract = commit.contract or _contract(catalog, commit.row.get("invoice_contract_id", ""))
        for purchase in commit.purchases:
            is_promise = commit.kind == "postpaid"
            amount = down.left[segment.key] if is_promise else purchase.amount
            if not purchase.is_invoiced or purchase.at > as_of + HORIZON or amount == 0:
                continue
            yield BilledLine(
                (contract["contract_id"], "scheduled", purchase.at),
                "true_up" if is_promise else "commit_purchase",
                commit.row["product_id"],
                ("", ""),
                None,
                None,
                card_of(catalog, contract)["currency"],
                Decimal(1),
                amount,
                amount,
                commit.commit_id,
            )


def _conversion_lines(
    catalog: Catalog, contract: Row, invoice: Invoice, lines: list[BilledLine]
) -> Iterator[BilledLine]:
    """What nobody paid for in a custom unit, in money."""
    currency = card_of(catalog, contract)["currency"]
    units: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.is_summed and line.pricing_unit != currency:
            units[line.pricing_unit] += line.amount
    for row in catalog["pricing_unit_conversions"]:
        quantity = units[row["pricing_unit"]]
        if row["rate_card_id"] == contract["rate_card_id"] and quantity:
            price = Decimal(row["price_per_unit"])
            yield BilledLine(
                invoice,
                "pricing_unit_conversion",
                "",
                ("", ""),
                None,
                None,
                currency,
                quantity,
                price,
                to_places(quantity * price),
            )


def _in_money(currency: str, line: BilledLine) -> BilledLine:
    """What is in another unit counts by its conversion alone."""
    return replace(line, is_summed=line.is_summed and line.pricing_unit == currency)


def _total(currency: str, lines: list[BilledLine]) -> Decimal:
    summed = (i.amount for i in lines if i.is_summed and i.pricing_unit == currency)
    return sum(summed, Decimal(0)).quantize(MINOR_UNITS[currency])


def _contract(catalog: Catalog, contract_id: str) -> Row:
    return next((c for c in catalog["contracts"] if c["contract_id"] == contract_id), {})
