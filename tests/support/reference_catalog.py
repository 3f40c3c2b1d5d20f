"""The slow rater's reading of the catalog: instants, periods, rows in force, lists and maps.

Rows are the catalog's, as text; a column that a row does not name is blank.
"""

from __future__ import annotations

import json
from calendar import monthrange
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

Row = dict[str, str]
Catalog = dict[str, list[Row]]
PLACES_12 = Decimal(1).scaleb(-12)
START_OF_TIME = datetime(1, 1, 1)  # noqa: DTZ001 - UTC without a zone
FOREVER = datetime(9999, 1, 1)  # noqa: DTZ001 - UTC without a zone
DAYS = {"daily": 1, "weekly": 7}
MONTHS = {"monthly": 1, "quarterly": 3, "annual": 12}


def instant(text: str) -> datetime:
    """A catalog time, in UTC and without a zone."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).replace(tzinfo=None)


def starts(row: Row) -> datetime:
    """When a row begins; the beginning of time if it does not say."""
    return instant(row["starting_at"]) if row.get("starting_at") else START_OF_TIME


def ends(row: Row) -> datetime:
    """When a row ends; never if it does not say."""
    return instant(row["ending_before"]) if row.get("ending_before") else FOREVER


def items(text: str) -> set[str]:
    """A list, `a|b`."""
    return {item for item in text.split("|") if item}


def pairs(text: str) -> dict[str, str]:
    """A map, `model=gpt-5|region=us`."""
    return dict(pair.split("=", 1) for pair in text.split("|") if pair)


def group_text(values: dict[str, str | None]) -> str:
    """Group values as lines write them; empty without keys."""
    return json.dumps(dict(sorted(values.items())), separators=(",", ":")) if values else ""


def group_values(text: str) -> dict[str, str | None]:
    """The values that lines wrote."""
    found: dict[str, str | None] = json.loads(text) if text else {}
    return found


def to_places(value: Decimal) -> Decimal:
    """Half away from zero, at 12 places."""
    return value.quantize(PLACES_12, ROUND_HALF_UP)


def of_product(catalog: Catalog, relation: str, product_id: str) -> list[Row]:
    """The rows of a relation that name a product."""
    return [row for row in catalog.get(relation, []) if row["product_id"] == product_id]


def newest_in_force(rows: list[Row], at: datetime) -> Row | None:
    """The row with the latest start not after the instant, if it has not ended."""
    begun = [row for row in rows if starts(row) <= at]
    newest = max(begun, key=starts, default=None)
    return newest if newest is not None and ends(newest) > at else None


def add_months(anchor: datetime, months: int) -> datetime:
    """Months added to the anchor itself, clamped to the month's last day."""
    index = anchor.year * 12 + anchor.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return anchor.replace(year=year, month=month, day=min(anchor.day, monthrange(year, month)[1]))


def boundary(anchor: datetime, frequency: str, k: int) -> datetime:
    """The k-th boundary of a calendar, from its anchor on."""
    if frequency in DAYS:
        return anchor + timedelta(days=k * DAYS[frequency])
    return add_months(anchor, k * MONTHS[frequency])


def periods(contract: Row, as_of: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The contract's billing periods with an invoice: begun by `as_of`, cut to its term."""
    start, end = starts(contract), ends(contract)
    anchor = {
        "": start.replace(day=1, hour=0),
        "first_of_month": start.replace(day=1, hour=0),
        "contract_start": start,
        "custom_date": instant(contract["billing_anchor_date"] or contract["starting_at"]),
    }[contract["billing_anchor"]]
    frequency = contract["billing_frequency"] or "monthly"
    invoiced_from = contract.get("usage_invoices_from")
    for k in range(-600, 600):
        low, high = boundary(anchor, frequency, k), boundary(anchor, frequency, k + 1)
        low, high = max(low, start), min(high, end)
        if invoiced_from and high <= instant(invoiced_from):
            continue
        if low < high and low <= as_of:
            yield low, high
