"""Two figures that must be equal, and the arithmetic that every check of them shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bursar.warehouse.explaining.part import Row

_PLACES_12 = Decimal(1).scaleb(-12)


@dataclass(frozen=True)
class Sum:
    """Two figures that must be equal for the explanation to hold.

    Args:
        what: In words.
        found: What the parts give.
        expected: What the line says.
        is_of_today: Whether it compares with today's usage, catalog or metrics, and not with what
            stands on the invoice itself.
    """

    what: str
    found: Decimal
    expected: Decimal
    is_of_today: bool = False


def total(rows: Sequence[Row], column: str) -> Decimal:
    """A column's sum; 0 of no rows."""
    return sum((row[column] for row in rows), Decimal(0))


def rounded(value: Decimal) -> Decimal:
    """A value at 12 places, as the caller's decimal context rounds."""
    return value.quantize(_PLACES_12)
