"""Which parts explain a line, by its type."""

from __future__ import annotations

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

PARTS: dict[str, tuple[Part, ...]] = {
    "usage": (SLICE, DAYS, COUNTER, RATE, OVERRIDE, TIERS, LINES_OF_THE_SLICE),
    "flat_fee": (SLICE, COUNTER, RATE, OVERRIDE, TIERS, LINES_OF_THE_SLICE),
    "subscription": (SUBSCRIPTION, QUANTITIES, RATE, OVERRIDE, PRORATION),
    "scheduled": (CHARGE, DATES),
    "composite": (RATE, OVERRIDE, COMPOSITE_BASE),
    "minimum": (RATE, COMPOSITE_LINES),
    "pricing_unit_conversion": (CONVERTED_LINES,),
    "rounding": (SUMMED_LINES, TOTAL),
}
