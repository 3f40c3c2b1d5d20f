"""Events, scopes and rows of a proof, and what a number is, without the engine.

Owns these small shapes. It leaves what a metric makes of them to ``bursar.warehouse.metric_proof``
and the choice of events and scopes to ``bursar.warehouse.proof_data``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

_NUMBER = re.compile(r" *([+-]?[0-9]+(?:\.[0-9]+)?)(?:[eE]([+-]?[0-9]+))? *")
PLACES = Decimal("1e-12")
_WHOLE_DIGITS_MAX = 26

# A quantity of one scope: the group values, and the value.
Row = tuple[tuple[tuple[str, str | None], ...], Decimal | None]


@dataclass(frozen=True)
class ProofEvent:
    """An event; the timestamp is UTC without a zone."""

    transaction_id: str
    customer_id: str
    event_type: str
    timestamp: datetime
    properties: Mapping[str, str]


@dataclass(frozen=True)
class ProofScope:
    """A customer and a window; the group keys are for a declared metric."""

    customer_id: str
    start: datetime
    end: datetime
    group_keys: tuple[str, ...] = ()

    def holds(self, event: ProofEvent) -> bool:
        """Whether an event belongs to the scope."""
        is_inside = self.start <= event.timestamp < self.end
        return is_inside and event.customer_id == self.customer_id


def as_row(groups: Mapping[str, str | None], value: Any) -> Row:
    """A row as both ways give it, to 12 places."""
    with localcontext(prec=60):
        rounded = None if value is None else Decimal(value).quantize(PLACES, ROUND_HALF_UP)
    return tuple(sorted(groups.items())), rounded


def number_of(text: str | None) -> Decimal | None:
    """A text as a number, as metrics.md says, without the engine; null where it is none."""
    found = _NUMBER.fullmatch(text) if text is not None else None
    if found is None:
        return None
    mantissa, exponent = Decimal(found[1]), int(found[2] or 0)
    if mantissa == 0:
        return Decimal(0).quantize(PLACES)
    if mantissa.adjusted() + exponent >= _WHOLE_DIGITS_MAX:
        return None
    if mantissa.adjusted() + exponent < -_WHOLE_DIGITS_MAX:
        return Decimal(0).quantize(PLACES)
    with localcontext(prec=len(text or "") + 100):
        rounded = mantissa.scaleb(exponent).quantize(PLACES, ROUND_HALF_UP)
    return rounded if rounded.adjusted() < _WHOLE_DIGITS_MAX else None
