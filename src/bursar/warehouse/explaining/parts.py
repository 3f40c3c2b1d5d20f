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
    connection: DuckDBPyConnection, lines: Sequence[Row], leave_out: frozenset[Part] = frozenset()
) -> dict[str, tuple[Explained, ...]]:
    """The parts of each line that have rows, by the line's id: one query a part, however many.

    Args:
        connection: Whose explained lines have been set.
        lines: All of them; they are of one invoice.
        leave_out: Parts that nobody asks for.
    """
    if not lines:
        return {}
    by_type, changes = _parts_by_type(lines[0])
    rows: dict[Part, dict[str, list[Row]]] = {}
    types = sorted({line["line_type"] for line in lines})
    for part in dict.fromkeys(part for one in types for part in (*by_type.get(one, ()), *changes)):
        if part not in leave_out:
            asked = [one for one in types if part in (*by_type.get(one, ()), *changes)]
            rows[part] = rows_of(connection, part.query, asked)
    return {
        line["line_item_id"]: tuple(
            Explained(part.name, part.title, tuple(found))
            for part in (*by_type.get(line["line_type"], ()), *changes)
            if (found := rows.get(part, {}).get(line["line_item_id"]))
        )
        for line in lines
    }


def _parts_by_type(line: Row) -> tuple[dict[str, tuple[Part, ...]], tuple[Part, ...]]:
    """The parts of an invoice's lines by type, and those that all of its lines have."""
    by_type = CORRECTION_PARTS if line["corrects_invoice_id"] else PARTS
    return by_type, CHANGES if line["finalized_at"] else ()
