"""An invoice's lines in the order in which a person reads them.

Owns that: by product, what a balance paid beside the line that takes it off again, what is charged
in a custom unit above the line that turns it into money, rounding last. Every line is in one group.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bursar.warehouse.answers import Row
    from bursar.warehouse.invoice_document import DocumentLine


@dataclass(frozen=True)
class Entry:
    """A line, and the one that takes off what a balance paid of it, if one did."""

    line: DocumentLine
    applied: DocumentLine | None = None

    @property
    def lines(self) -> tuple[DocumentLine, ...]:
        """Both, or the one."""
        return (self.line,) if self.applied is None else (self.line, self.applied)


@dataclass(frozen=True)
class Group:
    """Lines that belong together.

    Args:
        kind: `product`, `conversion` or `rounding`.
        title: The product's name, or the converted unit.
        pricing_unit: What the lines are in.
        entries: The lines.
        is_summed: Whether the lines are part of the invoice's total.
    """

    kind: str
    title: str
    pricing_unit: str
    entries: tuple[Entry, ...]
    is_summed: bool

    @property
    def amount(self) -> Decimal:
        """What the group adds to the total; of a custom unit, what it adds to the conversion."""
        return sum(
            (
                line.row["amount"]
                for entry in self.entries
                for line in entry.lines
                if line.row["is_summed"] or not self.is_summed
            ),
            Decimal(0),
        )


def groups_of(lines: Sequence[DocumentLine], currency: str) -> list[Group]:
    """The groups: charges in money first, then each custom unit with its conversion, then rounding.

    Args:
        lines: An invoice's, in order.
        currency: The invoice's.
    """
    rounding = [line for line in lines if line.row["line_type"] == "rounding"]
    conversions = [line for line in lines if line.row["line_type"] == "pricing_unit_conversion"]
    others = ("rounding", "pricing_unit_conversion")
    charges = [line for line in lines if line.row["line_type"] not in others]
    units = {line.row["pricing_unit"]: None for line in charges} | {
        converted_unit(line): None for line in conversions
    }
    groups = list(_products(charges, currency, currency))
    for unit in sorted(unit for unit in units if unit != currency):
        groups += _products(charges, unit, currency)
        converted = [line for line in conversions if converted_unit(line) == unit]
        if converted:
            entries = tuple(Entry(line) for line in converted)
            groups.append(Group("conversion", f"{unit} in {currency}", currency, entries, True))
    if rounding:
        entries = tuple(Entry(line) for line in rounding)
        groups.append(Group("rounding", "Rounding", currency, entries, True))
    return groups


def converted_unit(line: DocumentLine) -> str:
    """The custom unit that a conversion line turns into money; where that is lost, so called."""
    return next((row["pricing_unit"] for row in line.parts.get("lines", ())), "custom unit")


def title_of(row: Row) -> str:
    """What a line is for: its product, or what it is if it has none."""
    return str(row["product_name"] or row["product_id"] or row["line_type"].replace("_", " "))


def _products(charges: Sequence[DocumentLine], unit: str, currency: str) -> Iterable[Group]:
    products: dict[tuple[str, str], list[DocumentLine]] = {}
    for line in charges:
        if line.row["pricing_unit"] == unit:
            products.setdefault((line.row["product_id"], title_of(line.row)), []).append(line)
    for (_, title), of_product in products.items():
        yield Group("product", title, unit, tuple(_entries(of_product)), unit == currency)


def _entries(lines: Sequence[DocumentLine]) -> Iterable[Entry]:
    twins = {
        line.row["covers_line_item_id"]: line
        for line in lines
        if line.row["covers_line_item_id"] is not None
    }
    ids = {line.row["line_item_id"] for line in lines}
    for line in lines:
        covered = line.row["covers_line_item_id"]
        # A correction may take back a twin alone.
        if covered is None or covered not in ids:
            yield Entry(line, twins.get(line.row["line_item_id"]))
