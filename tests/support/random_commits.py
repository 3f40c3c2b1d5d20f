"""Random commits, credits and recurring commits, with all that hangs on them."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from tests.support.random_prices import (
    MODELS,
    TAGS,
    instant_text,
    maybe,
    random_instant,
)
from tests.support.reference_catalog import (
    FOREVER,
    START_OF_TIME,
    Catalog,
    Row,
    ends,
    instant,
    items,
    starts,
)

LONG_AGO = datetime(2020, 1, 1)  # noqa: DTZ001 - UTC without a zone
AMOUNTS = (
    *("0", "0.000000000001", "0.5", "1", "3", "5", "5", "7.5", "10", "10", "12.345678901234"),
    *("20", "25", "33.333333333333", "50", "100", "100", "250", "1000"),
)


def add_commit(
    random: Random,
    catalog: Catalog,
    customer_id: str,
    contracts: list[Row],
    commit_id: str,
    fee: str,
) -> None:
    """A commit of a customer or of one of its contracts."""
    contract = random.choice(contracts) if random.random() < 0.7 else None
    kind = random.choice(("prepaid", "prepaid", "credit", "credit", "postpaid"))
    invoiced = contract or random.choice(contracts)
    currency = _currency(catalog, invoiced)
    unit = random.choice(("credits", currency, currency))
    if kind == "postpaid":
        unit = currency
    row = {
        "commit_id": commit_id,
        "commit_type": kind,
        "contract_id": contract["contract_id"] if contract else "",
        "customer_id": "" if contract else customer_id,
        "product_id": fee,
        "commit_name": random.choice(("", commit_id.upper())),
        "priority": _priority(random),
        "pricing_unit": "" if contract and unit == currency and random.random() < 0.7 else unit,
        "rate_basis": random.choice(("", "commit", "commit")),
        "rollover_fraction": "" if kind == "postpaid" or not contract else _fraction(random),
        "applicable_contract_ids": "",
        "invoice_contract_id": "" if contract else invoiced["contract_id"],
    }
    if not contract and random.random() < 0.5:
        chosen = random.sample(contracts, random.randint(1, len(contracts)))
        row["applicable_contract_ids"] = "|".join(c["contract_id"] for c in chosen)
    if random.random() < 0.3:
        _add_specifiers(random, catalog, commit_id)
    else:
        row |= _applicable(random, catalog)
    catalog["commits"].append(row)
    term = (starts(contract), ends(contract)) if contract else (START_OF_TIME, FOREVER)
    segments = _segments(random, term, is_promise=kind == "postpaid")
    for segment in segments:
        segment["commit_id"] = commit_id
        _add_adjustments(random, catalog, segment, term[1])
    catalog["commit_segments"] += segments
    if kind == "postpaid":
        end = min(ends(segments[0]), term[1])
        at = end + timedelta(hours=random.choice((0, 1, 240)))
        _add_invoice(random, catalog, commit_id, at, segments[0]["amount"])
    elif kind == "prepaid":
        dates = {random_instant(random) for _ in range(random.choice((0, 1, 2)))}
        for date in sorted(dates):
            at = date + timedelta(days=random.choice((0, 0, 300)))
            _add_invoice(random, catalog, commit_id, at, random.choice(AMOUNTS))


def add_recurring_commit(
    random: Random, catalog: Catalog, contract: Row, recurring_id: str, fee: str
) -> None:
    """A commit or credit that a contract grants again and again."""
    kind = random.choice(("prepaid", "credit"))
    frequency = random.choice(("", "", "daily", "weekly", "monthly", "quarterly", "annual"))
    first, last = starts(contract), ends(contract)
    start = first + timedelta(hours=random.choice((-24, 0, 0, 5, 24 * 14)))
    start = start if start < last else first
    end = start + timedelta(hours=random.choice((25, 24 * 9, 24 * 40)))
    is_ending = frequency == "daily" or random.random() < 0.5
    is_prorated = random.random() < 0.7
    row = {
        "recurring_commit_id": recurring_id,
        "contract_id": contract["contract_id"],
        "commit_type": kind,
        "product_id": fee,
        "commit_name": maybe(random, 0.5, "Again"),
        "priority": _priority(random),
        "pricing_unit": random.choice(("", "", "credits")),
        "rate_basis": random.choice(("list", "commit")),
        "access_amount": random.choice(AMOUNTS),
        "invoice_amount": random.choice(("", "0", "3", "100")) if kind == "prepaid" else "",
        "starting_at": instant_text(start) if start != first or random.random() < 0.2 else "",
        "ending_before": instant_text(end) if is_ending and end > first else "",
        "frequency": frequency if is_ending or frequency != "daily" else "",
        "duration_periods": random.choice(("", "1", "2", "3")),
        "proration": random.choice(("first", "last", "first_and_last")) if is_prorated else "",
        "rollover_fraction": _fraction(random),
    }
    if is_prorated:
        method = random.choice(("", "up", "down", "half_up"))
        row["proration_rounding_method"] = method
        row["proration_decimal_places"] = random.choice(("", "0", "2")) if method else ""
    row |= _applicable(random, catalog)
    catalog["recurring_commits"].append(row)


def _currency(catalog: Catalog, contract: Row) -> str:
    (card,) = (
        card for card in catalog["rate_cards"] if card["rate_card_id"] == contract["rate_card_id"]
    )
    return card["currency"]


def _priority(random: Random) -> str:
    return random.choice(("", "", "1", "100", "200"))


def _fraction(random: Random) -> str:
    return random.choice(("", "0", "0.25", "0.333333333333", "0.5", "1", "1"))


def _applicable(random: Random, catalog: Catalog) -> Row:
    """Nothing, products, tags, or both."""
    sold = sorted({p["product_id"] for p in catalog["products"] if p["product_type"] != "fixed"})
    by_product, by_tag = random.choice(((0, 0), (0, 0), (1, 0), (0, 1), (1, 1)))
    ids = random.sample(sold, random.choice((1, 2))) if by_product else []
    tags = random.sample(TAGS, random.choice((1, 2))) if by_tag else []
    return {
        "applicable_product_ids": "|".join(ids),
        "applicable_product_tags": "|".join(tags),
    }


def _add_specifiers(random: Random, catalog: Catalog, commit_id: str) -> None:
    """Alternatives by product, tags and group values that the products have."""
    usage = [p for p in catalog["products"] if p["product_type"] == "usage"]
    for number in range(random.choice((1, 1, 2))):
        product = random.choice(usage)
        has_product = random.random() < 0.5
        keys = items(product["pricing_group_keys"]), items(product["presentation_group_keys"])
        wants_model = "model" in keys[0] and random.random() < 0.5
        wants_user = "user" in keys[1] and random.random() < 0.3
        tags = random.sample(TAGS, random.choice((0, 0, 1, 2)))
        specifier = {
            "commit_id": commit_id,
            "specifier_id": str(number),
            "product_id": product["product_id"] if has_product else "",
            "product_tags": "|".join(tags),
            "pricing_group_values": f"model={random.choice(MODELS[:2])}" if wants_model else "",
            "presentation_group_values": f"user=u{random.randrange(2)}" if wants_user else "",
        }
        catalog["commit_specifiers"].append(specifier)


def _segments(random: Random, term: tuple[datetime, datetime], *, is_promise: bool) -> list[Row]:
    """One or more amounts, all of them usable at some time in the term."""
    count = 1 if is_promise else random.choice((1, 1, 2, 3))
    dates = {random.choice((LONG_AGO, random_instant(random), term[0])) for _ in range(count)}
    rows: list[Row] = []
    for date in sorted(dates):
        start = date if START_OF_TIME < date < term[1] else LONG_AGO
        end = max(start, term[0]) + timedelta(
            hours=random.choice((1, 240, 24 * 31, 24 * 31, 24 * 60, 24 * 400))
        )
        if start == LONG_AGO and term[0] == START_OF_TIME:
            end = random_instant(random) + timedelta(hours=1)
        is_endless = not (is_promise and term[1] == FOREVER) and random.random() < 0.55
        if start not in {instant(row["starting_at"]) for row in rows}:
            rows.append(
                {
                    "starting_at": instant_text(start),
                    "ending_before": "" if is_endless else instant_text(end),
                    "amount": random.choice(AMOUNTS),
                }
            )
    return rows


def _add_adjustments(random: Random, catalog: Catalog, segment: Row, last: datetime) -> None:
    """What adds, and what takes at most the amount."""
    end = min(ends(segment), last)
    dates = [starts(segment), *(random_instant(random) for _ in range(3))]
    usable = [date for date in dates if starts(segment) <= date < end]
    for number in range(random.choice((0, 0, 0, 1, 2))):
        amount = Decimal(random.choice(AMOUNTS))
        sign = random.choice((-1, 1))
        amount = max(amount * sign, -Decimal(segment["amount"]))
        adjustment = {
            "adjustment_id": f"{segment['commit_id']}-{segment['starting_at']}-{number}",
            "commit_id": segment["commit_id"],
            "segment_starting_at": segment["starting_at"],
            "adjusted_at": instant_text(random.choice(usable)),
            "amount": f"{amount:f}",
            "reason": maybe(random, 0.5, "goodwill"),
        }
        catalog["commit_adjustments"].append(adjustment)


def _add_invoice(
    random: Random, catalog: Catalog, commit_id: str, at: datetime, amount: str
) -> None:
    invoice = {
        "commit_id": commit_id,
        "invoice_at": instant_text(at),
        "amount": amount,
        "do_not_invoice": random.choice(("", "", "true", "false")),
    }
    catalog["commit_invoices"].append(invoice)
