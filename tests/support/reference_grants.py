"""The slow drawdown's recurring commits: which periods grant, how much, and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count

from tests.support.reference_catalog import Row, boundary, ends, starts, to_places
from tests.support.reference_metering import ROUNDINGS
from tests.support.reference_subscriptions import HORIZON, contract_anchor


@dataclass(frozen=True)
class Grant:
    """What one period of a recurring commit grants.

    Args:
        start: When the period starts, and from when the amount may be used.
        end: Until when it may be used.
        amount: What may be used.
        cost: What is invoiced for it.
    """

    start: datetime
    end: datetime
    amount: Decimal
    cost: Decimal

    @property
    def name(self) -> str:
        """The period's start as ids write it: the date, and the hour off midnight."""
        return self.start.strftime("%Y-%m-%dT%H" if self.start.hour else "%Y-%m-%d")


def grants(contract: Row, row: Row, as_of: datetime) -> Iterator[Grant]:
    """The grants whose periods begin within the horizon."""
    first, last = starts(contract), ends(contract)
    begins = starts(row) if row.get("starting_at") else first
    if row.get("frequency"):
        anchor, frequency = begins, row["frequency"]
    else:
        anchor = contract_anchor(contract)
        frequency = contract.get("billing_frequency") or "monthly"
    low, high = max(first, begins), min(last, ends(row))
    for k in count(-1200):
        whole = (boundary(anchor, frequency, k), boundary(anchor, frequency, k + 1))
        cut = (max(whole[0], low), min(whole[1], high))
        if whole[0] >= high or cut[0] > as_of + HORIZON:
            return
        if cut[0] >= cut[1]:
            continue
        end = boundary(anchor, frequency, k + int(row.get("duration_periods") or 1))
        yield Grant(
            cut[0],
            min(end, last),
            _share(row, row["access_amount"], whole, cut),
            _share(row, row.get("invoice_amount") or "0", whole, cut),
        )


def _share(
    row: Row, text: str, whole: tuple[datetime, datetime], cut: tuple[datetime, datetime]
) -> Decimal:
    """An amount, by the hour where a cut period is prorated."""
    amount, prorated = Decimal(text), row.get("proration", "")
    is_cut_before = cut[0] > whole[0] and prorated in ("first", "first_and_last")
    is_cut_behind = cut[1] < whole[1] and prorated in ("last", "first_and_last")
    if not (is_cut_before or is_cut_behind):
        return amount
    amount = to_places(amount * _hours(cut) / _hours(whole))
    if method := row.get("proration_rounding_method"):
        places = int(row.get("proration_decimal_places") or 0)
        amount = amount.quantize(Decimal(1).scaleb(-places), ROUNDINGS[method])
    return amount


def _hours(span: tuple[datetime, datetime]) -> int:
    return (span[1] - span[0]) // timedelta(hours=1)
