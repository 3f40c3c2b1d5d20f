"""The words in which a catalog relation is described.

Owns the column, the relation and the kinds of value. It leaves the relations themselves to
``bursar.catalog.relations`` and the reading of values to ``bursar.catalog.values``.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

CURRENCIES = "currencies"
METRICS = "metrics"


class Kind(StrEnum):
    """What a field's text means."""

    ID = "id"
    TEXT = "text"
    TIME = "time"
    DECIMAL = "decimal"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    LIST = "list"
    MAP = "map"
    CHOICE = "choice"


# A time, list or map keeps its text in the seed: the staging models read it.
_SEED_TYPES = {
    Kind.DECIMAL: "decimal(38, 12)",
    Kind.INTEGER: "integer",
    Kind.BOOLEAN: "boolean",
}


@dataclass(frozen=True)
class Column:
    """One column of a relation.

    Args:
        name: As in the CSV's header.
        kind: What the text of a field means.
        description: One sentence, for people and for dbt's docs.
        is_key: Whether the column is part of the relation's key.
        is_required: Whether a blank field is an error.
        references: The relations whose key a value must be, one of them; besides the catalog's
            relations also ``currencies`` (ISO 4217) and ``metrics``. A list's every item is such a
            reference.
        choices: The values that a choice may have.
        default: What a blank means, as text; empty if a blank is null.
        at_least: The smallest number allowed.
        at_most: The greatest number allowed.
        above: The number that a value must exceed.
    """

    name: str
    kind: Kind
    description: str
    is_key: bool = False
    is_required: bool = False
    references: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    default: str = ""
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    above: Decimal | None = None

    @property
    def seed_type(self) -> str:
        """The column's type in the dbt seed."""
        return _SEED_TYPES.get(self.kind, "varchar")


@dataclass(frozen=True)
class Relation:
    """One CSV of the catalog.

    Args:
        name: The file's name without ``.csv``; also the dbt seed's name.
        description: One sentence: what one row is.
        columns: In the order of the header.
    """

    name: str
    description: str
    columns: tuple[Column, ...]

    @property
    def key(self) -> tuple[str, ...]:
        """The names of the columns that identify a row."""
        return tuple(column.name for column in self.columns if column.is_key)

    @property
    def column_names(self) -> tuple[str, ...]:
        """All columns, in the header's order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises:
            KeyError: The relation has no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")


def key_id(name: str, description: str, references: str = "") -> Column:
    """An id that is part of the relation's key."""
    found = (references,) if references else ()
    return Column(name, Kind.ID, description, is_key=True, is_required=True, references=found)


def key_time(name: str, description: str, *, is_required: bool = True) -> Column:
    """A time that is part of the relation's key."""
    return Column(name, Kind.TIME, description, is_key=True, is_required=is_required)


def reference(
    name: str, relations: str | tuple[str, ...], description: str, *, is_required: bool = False
) -> Column:
    """An id that must be the key of a row elsewhere."""
    found = (relations,) if isinstance(relations, str) else relations
    return Column(name, Kind.ID, description, is_required=is_required, references=found)


def text(name: str, description: str) -> Column:
    """Free text."""
    return Column(name, Kind.TEXT, description)


def time(name: str, description: str, *, is_required: bool = False) -> Column:
    """An instant on the hour, UTC."""
    return Column(name, Kind.TIME, description, is_required=is_required)


def choice(
    name: str,
    choices: tuple[str, ...],
    description: str,
    *,
    default: str = "",
    is_required: bool = False,
) -> Column:
    """One word of a few."""
    return Column(
        name, Kind.CHOICE, description, is_required=is_required, choices=choices, default=default
    )


def flag(name: str, description: str, *, default: str = "false") -> Column:
    """True or false."""
    return Column(name, Kind.BOOLEAN, description, default=default)


def items(name: str, description: str, references: str | tuple[str, ...] = ()) -> Column:
    """A list, ``a|b``."""
    found = (references,) if isinstance(references, str) else references
    return Column(name, Kind.LIST, description, references=found)


def pairs(name: str, description: str) -> Column:
    """A map, ``model=gpt-5|region=us``."""
    return Column(name, Kind.MAP, description)


def number(
    name: str,
    description: str,
    *,
    default: str = "",
    is_key: bool = False,
    is_required: bool = False,
    at_least: str = "",
    at_most: str = "",
    above: str = "",
) -> Column:
    """A decimal of up to 12 places."""
    return Column(
        name,
        Kind.DECIMAL,
        description,
        is_key=is_key,
        is_required=is_required,
        default=default,
        at_least=Decimal(at_least) if at_least else None,
        at_most=Decimal(at_most) if at_most else None,
        above=Decimal(above) if above else None,
    )


def whole(
    name: str, description: str, *, default: str = "", at_least: str = "", at_most: str = ""
) -> Column:
    """A whole number."""
    return Column(
        name,
        Kind.INTEGER,
        description,
        default=default,
        at_least=Decimal(at_least) if at_least else None,
        at_most=Decimal(at_most) if at_most else None,
    )
