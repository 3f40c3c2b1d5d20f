"""What the text of a field means.

Owns the reading of times, numbers, lists and maps, and the help for a text that is none. It leaves
which column holds what to ``bursar.catalog.relations``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from bursar.catalog.schema import Column, Kind
from bursar.words import listed, nearest

Value = str | datetime | Decimal | int | bool | tuple[str, ...] | dict[str, str]

ID_LENGTH_MAX = 128
DECIMAL_PLACES_MAX = 12
# Quantities are exact up to here, and no price comes near it.
NUMBER_MAX = Decimal(10) ** 18
INTEGER_MAX = 2**31 - 1

_NOT_IN_IDS = re.compile(r"[\s|]")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?", re.ASCII)
_DECIMAL = re.compile(r"-?\d+(\.(?P<places>\d+))?", re.ASCII)
_INTEGER = re.compile(r"-?\d+", re.ASCII)
_FLAGS = {"true": True, "false": False}
_YES_AND_NO = {"yes": "true", "y": "true", "1": "true", "no": "false", "n": "false", "0": "false"}


@dataclass(frozen=True)
class Mistake:
    """Why a text is not what its column holds.

    Args:
        name: The problem's short name.
        message: What is wrong and what would be right.
        part: The part of the text at fault; empty for all of it.
    """

    name: str
    message: str
    part: str = ""


def read_value(column: Column, text: str) -> Value | Mistake:
    """Reads a field that is not blank.

    Args:
        column: The column it stands in.
        text: The field's text, without quotes.
    """
    if text.strip() != text and (column.kind is not Kind.TEXT or not text.strip()):
        return Mistake("stray-blanks", "Blanks stand around the value, or alone. Take them away.")
    return _READERS[column.kind](column, text)


def time_text(value: datetime) -> str:
    """An instant as the catalog writes it: the date alone at midnight."""
    return value.strftime("%Y-%m-%d") if value.hour == 0 else value.strftime("%Y-%m-%dT%H:%M:%SZ")


def _read_text(column: Column, text: str) -> Value | Mistake:
    return text


def _read_id(column: Column, text: str) -> Value | Mistake:
    return _id_mistake(text) or text


def _id_mistake(text: str) -> Mistake | None:
    if _NOT_IN_IDS.search(text):
        return Mistake("bad-id", f"An id has no blanks and no |, but this is {text!r}.", text)
    if len(text) > ID_LENGTH_MAX:
        message = f"An id has up to {ID_LENGTH_MAX} characters; this one has {len(text)}."
        return Mistake("bad-id", message, text)
    return None


def _read_choice(column: Column, text: str) -> Value | Mistake:
    if text in column.choices:
        return text
    message = (
        f"{column.name} is one of {listed(column.choices)}, not {text}."
        f"{nearest(text, column.choices)}"
    )
    return Mistake("unknown-choice", message)


def _read_boolean(column: Column, text: str) -> Value | Mistake:
    if text.lower() in _FLAGS:
        return _FLAGS[text.lower()]
    meant = _YES_AND_NO.get(text.lower())
    remedy = f" Write {meant}." if meant else ""
    return Mistake("bad-boolean", f"{column.name} is true or false, not {text}.{remedy}")


def _read_time(column: Column, text: str) -> Value | Mistake:
    if not _TIME.fullmatch(text):
        return Mistake("bad-time", f"{text} is not a time of the catalog.{_time_remedy(text)}")
    try:
        value = datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return Mistake("bad-time", f"{text} is not in the calendar.")
    if value.minute or value.second:
        whole_hour = value.replace(minute=0, second=0)
        message = (
            f"Everything in the catalog starts and ends on the hour; {text} does not."
            f" The hour before it is {whole_hour.strftime('%Y-%m-%dT%H:%M:%SZ')}."
        )
        return Mistake("off-hour-time", message)
    return value


def _time_remedy(text: str) -> str:
    forms = " Write 2026-01-01, or 2026-01-01T07:00:00Z (UTC)."
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        return forms
    if value.tzinfo is not None:
        value = value.astimezone(UTC)
    return f" Times are UTC: write {value.strftime('%Y-%m-%dT%H:%M:%SZ')}."


def _read_decimal(column: Column, text: str) -> Value | Mistake:
    match = _DECIMAL.fullmatch(text)
    if match is None:
        return Mistake("bad-number", f"{text} is not a decimal.{_decimal_remedy(text)}")
    places = len((match["places"] or "").rstrip("0"))
    if places > DECIMAL_PLACES_MAX:
        message = f"Up to {DECIMAL_PLACES_MAX} decimal places are exact; {text} has {places}."
        return Mistake("too-many-places", message)
    value = Decimal(text)
    if abs(value) > NUMBER_MAX:
        return Mistake("number-too-large", f"Numbers are exact up to 10^18; {text} is beyond.")
    return _outside(column, value) or value


def _decimal_remedy(text: str) -> str:
    plain = text.replace(",", "").replace("_", "").replace(" ", "").lstrip("$€£+")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        return " Write digits and one point: 12.50."
    return f" Write {value:f}." if value.is_finite() else " Write digits and one point: 12.50."


def _read_integer(column: Column, text: str) -> Value | Mistake:
    if not _INTEGER.fullmatch(text):
        return Mistake("bad-number", f"{column.name} is a whole number, not {text}.")
    value = int(text)
    if abs(value) > INTEGER_MAX:
        return Mistake("number-too-large", f"{column.name} is at most {INTEGER_MAX}.")
    return _outside(column, Decimal(value)) or value


def _outside(column: Column, value: Decimal) -> Mistake | None:
    if column.above is not None and value <= column.above:
        message = f"{column.name} is above {column.above}, not {value:f}."
    elif column.at_least is not None and value < column.at_least:
        message = f"{column.name} is at least {column.at_least}, not {value:f}."
    elif column.at_most is not None and value > column.at_most:
        message = f"{column.name} is at most {column.at_most}, not {value:f}."
    else:
        return None
    return Mistake("number-out-of-range", message)


def _read_list(column: Column, text: str) -> Value | Mistake:
    found = text.split("|")
    for item in found:
        if not item:
            return Mistake("bad-list", "The list has an empty item. A list is a|b.")
        if item.strip() != item:
            message = f"Blanks stand around the item {item!r}. A list is a|b."
            return Mistake("bad-list", message, item)
        if found.count(item) > 1:
            return Mistake("bad-list", f"The list names {item} twice.", item)
        if column.references and (mistake := _id_mistake(item)):
            return mistake
    return tuple(found)


def _read_map(column: Column, text: str) -> Value | Mistake:
    return _read_json_map(text) if text.startswith("{") else _read_plain_map(text)


def _read_plain_map(text: str) -> Value | Mistake:
    found: dict[str, str] = {}
    for pair in text.split("|"):
        key, equals, value = pair.partition("=")
        if not (key and equals and value):
            message = f"{pair!r} is not key=value. A map is model=gpt-5|region=us."
            return Mistake("bad-map", message, pair)
        if "=" in value:
            message = (
                f"The value of {key} holds an =."
                " Write the map as a JSON object, in quotes:"
                f" {_quoted_json({key: value})}."
            )
            return Mistake("bad-map", message, pair)
        if key.strip() != key or value.strip() != value:
            return Mistake("bad-map", f"Blanks stand in {pair!r}. Take them away.", pair)
        if key in found:
            return Mistake("bad-map", f"The map names {key} twice.", pair)
        found[key] = value
    return found


def _quoted_json(pairs: dict[str, str]) -> str:
    inner = json.dumps(pairs, separators=(",", ":"), ensure_ascii=False).replace('"', '""')
    return f'"{inner}"'


def _read_json_map(text: str) -> Value | Mistake:
    doubled: list[str] = []

    def paired(pairs: list[tuple[str, object]]) -> dict[str, object]:
        keys = [key for key, _ in pairs]
        doubled.extend(key for key in keys if keys.count(key) > 1)
        return dict(pairs)

    try:
        found = json.loads(text, object_pairs_hook=paired)
    except ValueError as error:
        return Mistake("bad-map", f"The JSON object does not parse: {error}.")
    if doubled:
        return Mistake("bad-map", f"The map names {doubled[0]} twice.")
    for key, value in found.items():
        if not isinstance(value, str):
            return Mistake("bad-map", f'The value of {key} is not text. Quote it: "{value}".')
    return dict(found)


_READERS: dict[Kind, Callable[[Column, str], Value | Mistake]] = {
    Kind.ID: _read_id,
    Kind.TEXT: _read_text,
    Kind.TIME: _read_time,
    Kind.DECIMAL: _read_decimal,
    Kind.INTEGER: _read_integer,
    Kind.BOOLEAN: _read_boolean,
    Kind.LIST: _read_list,
    Kind.MAP: _read_map,
    Kind.CHOICE: _read_choice,
}
