"""Which parts explain a line, by its type and by what its invoice is.

Owns that, and the gathering of the parts' rows for any number of lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
from bursar.warehouse.explaining.change_parts import CORRECTED, CORRECTIONS, DRIFT, LATE
from bursar.warehouse.explaining.charge_parts import (
    CHARGE,
    DATES,
    PRORATION,
    QUANTITIES,
    SUBSCRIPTION,
)
from bursar.warehouse.explaining.part import Part, Row, rows_of
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

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

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
# A line of a correction is a difference: of what it says before and after.
_DIFFERENCE = (CORRECTED, RATE, OVERRIDE, TIERS, COMMIT, LEDGER_ENTRY)
CORRECTION_PARTS: dict[str, tuple[Part, ...]] = {
    **dict.fromkeys(PARTS, _DIFFERENCE),
    "commit_applied": (COVERED, *_DIFFERENCE),
    "rounding": (SUMMED_LINES, TOTAL),
}
# Of a finalized invoice: why today's figures may be others than the line's.
CHANGES = (LATE, CORRECTIONS, DRIFT)


@dataclass(frozen=True)
class Explained:
    """One part: a title, and rows by column name."""

    name: str
    title: str
    rows: tuple[Row, ...]


def parts_of(
    connection: DuckDBPyConnection, lines: Sequence[Row], leave_out: frozenset[str] = frozenset()
) -> dict[str, tuple[Explained, ...]]:
    """The parts of each line that have rows, by the line's id: one query a part, however many.

    Args:
        connection: Whose explained lines have been set.
        lines: All of them; they are of one invoice.
        leave_out: Names of parts that nobody asks for.
    """
    if not lines:
        return {}
    found: dict[str, list[Explained]] = {line["line_item_id"]: [] for line in lines}
    for part, line_types in _types_of_parts(lines).items():
        if part.name not in leave_out:
            for line_item_id, rows in rows_of(connection, part.query, line_types).items():
                found[line_item_id].append(Explained(part.name, part.title, tuple(rows)))
    return {line_item_id: tuple(parts) for line_item_id, parts in found.items()}


def _types_of_parts(lines: Sequence[Row]) -> dict[Part, list[str]]:
    """Each part once, in an order that is every type's own, with the types that have it."""
    first = lines[0]
    by_type = CORRECTION_PARTS if first["corrects_invoice_id"] else PARTS
    changes = CHANGES if first["finalized_at"] else ()
    types: dict[Part, list[str]] = {}
    for line_type in sorted({line["line_type"] for line in lines}):
        for part in (*by_type.get(line_type, ()), *changes):
            types.setdefault(part, []).append(line_type)
    return types
