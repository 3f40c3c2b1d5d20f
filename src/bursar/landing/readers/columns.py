"""Rows of columns to the event lines that the landing judges.

Owns what a column's name means: one of the four fields, ``properties``, ``properties.<key>``, or
unknown. A row becomes the JSON line that would have said the same, so that one set of rules holds
for every format. It leaves cells to their JSON text to the CSV and Parquet readers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from json.encoder import c_encode_basestring as json_string  # type: ignore[attr-defined]  # - C only

from bursar.errors import BursarError
from bursar.landing.lines import TEXT_FIELDS

PROPERTIES = "properties"
PROPERTY_PREFIX = "properties."
_JSON_SPACE = " \t\r\n"

__all__ = ["PROPERTIES", "PROPERTY_PREFIX", "EventColumns", "event_columns", "json_string"]


@dataclass(frozen=True)
class EventColumns:
    """What stands where in a row; each pair is a name, as JSON, and a column's place.

    Args:
        count: How many columns there are.
        fields: The four fields' columns; the place is None where the column is missing.
        properties: The place of the column that holds whole objects, if there is one.
        keys: Columns of one property each.
        unknown: All others.
    """

    count: int
    fields: tuple[tuple[str, int | None], ...]
    properties: int | None
    keys: tuple[tuple[str, int], ...]
    unknown: tuple[tuple[str, int], ...]

    def line(self, texts: Sequence[str | None]) -> str:
        """The event line of one row.

        All four fields stand in it, null at least, so that no text of another column can pass for
        one of them: a name that stands twice is refused.

        Args:
            texts: Each cell as JSON text; None where it is absent.
        """
        members = [
            f"{name}:{'null' if place is None else texts[place] or 'null'}"
            for name, place in self.fields
        ]
        members.extend(
            f"{name}:{texts[place]}" for name, place in self.unknown if texts[place] not in _EMPTY
        )
        properties = [f"{key}:{texts[place]}" for key, place in self.keys if texts[place]]
        whole = None if self.properties is None else texts[self.properties]
        members.append(f'"properties":{_joined(whole, properties)}')
        return "{" + ",".join(members) + "}"


_EMPTY = (None, "null", '""')


def _joined(whole: str | None, members: Sequence[str]) -> str:
    """One object of the column `properties` and the columns of single keys."""
    text = (whole or "").strip(_JSON_SPACE)
    if text in ("", "null"):
        return "{" + ",".join(members) + "}"
    if not (members and text.startswith("{") and text.endswith("}")):
        return text  # all of it, or no object, which is refused as such
    inner = text[1:-1].strip(_JSON_SPACE)
    return "{" + ",".join([inner, *members] if inner else members) + "}"


def event_columns(source_name: str, names: Sequence[str]) -> EventColumns:
    """What the columns of a file mean.

    Raises:
        BursarError: A name stands twice, or no column is a field of an event.
    """
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise BursarError(
            f"{source_name} has two columns of one name: {', '.join(twice)}. "
            "Nothing of this batch was landed.",
            remedy="Rename or leave out one of them.",
        )
    if not set(names) & set(TEXT_FIELDS):
        raise BursarError(
            f"{source_name} has none of the columns {', '.join(TEXT_FIELDS)}: its first is "
            f"{names[0][:80] if names else 'missing'!r}. Nothing of this batch was landed.",
            remedy="The first record of a CSV file names the columns, with commas between them.",
        )
    places = {name: place for place, name in enumerate(names)}
    keys = [name for name in names if name.startswith(PROPERTY_PREFIX)]
    known = {*TEXT_FIELDS, PROPERTIES, *keys}
    return EventColumns(
        count=len(names),
        fields=tuple((json_string(name), places.get(name)) for name in TEXT_FIELDS),
        properties=places.get(PROPERTIES),
        keys=tuple((json_string(key.removeprefix(PROPERTY_PREFIX)), places[key]) for key in keys),
        unknown=tuple((json_string(name), places[name]) for name in names if name not in known),
    )
