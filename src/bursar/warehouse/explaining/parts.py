"""Which parts explain a line, by its type."""

from __future__ import annotations

from bursar.warehouse.explaining.balance_parts import (
    COMMIT,
    COVERED,
    GRANT,
    LEDGER_ENTRY,
    LEFT_TO_PAY,
    MATCHED,
    PAYMENTS,
    PROMISE,
    PURCHASES,
    WHOLE_CHARGE,
)
from bursar.warehouse.explaining.charge_parts import (
    CHARGE,
    DATES,
    PRORATION,
    QUANTITIES,
    SUBSCRIPTION,
)
from bursar.warehouse.explaining.part import Part
from bursar.warehouse.explaining.total_parts import (
    COMPOSITE_BASE,
    COMPOSITE_LINES,
    CONVERTED_LINES,
    SUMMED_LINES,
    TOTAL,
)
from bursar.warehouse.explaining.usage_parts import (
    COUNTER,
    DAYS,
    LINES_OF_THE_SLICE,
    OVERRIDE,
    RATE,
    SLICE,
    TIERS,
)

# Who paid for a charge, if any balance did; of other lines these have no rows and are left out.
_PAID = (COMMIT, WHOLE_CHARGE, PAYMENTS, LEFT_TO_PAY, LEDGER_ENTRY)

PARTS: dict[str, tuple[Part, ...]] = {
    "usage": (SLICE, DAYS, COUNTER, RATE, OVERRIDE, TIERS, LINES_OF_THE_SLICE, *_PAID),
    "flat_fee": (SLICE, COUNTER, RATE, OVERRIDE, TIERS, LINES_OF_THE_SLICE, *_PAID),
    "subscription": (SUBSCRIPTION, QUANTITIES, RATE, OVERRIDE, PRORATION, *_PAID),
    "scheduled": (CHARGE, DATES),
    "composite": (RATE, OVERRIDE, COMPOSITE_BASE, *_PAID),
    "minimum": (RATE, COMPOSITE_LINES, *_PAID),
    "commit_applied": (COVERED, *_PAID),
    "commit_purchase": (COMMIT, GRANT, PURCHASES),
    "true_up": (COMMIT, PROMISE, MATCHED),
    "pricing_unit_conversion": (CONVERTED_LINES,),
    "rounding": (SUMMED_LINES, TOTAL),
}
