"""What one line of JSON is: an event, or a reject with its reason.

Owns every rule of a single event and the words of each refusal, line by line and exactly: no number
ever passes through floating point. ``bursar.landing.plain`` decides the same for the common shape
of line, many at a time, and must agree with this module wherever it decides. Duplicates are for
``bursar.landing.deduplication``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NoReturn

from bursar.landing.decoding import NotAnObject, Number, Value, decode_object
from bursar.landing.instants import NotAnInstant, format_instant, parse_instant

TEXT_FIELDS = ("transaction_id", "customer_id", "event_type", "timestamp")
LIMITED_FIELDS = ("transaction_id", "customer_id", "event_type")
FIELDS = (*TEXT_FIELDS, "properties")
FIELD_CHARACTERS_MAX = 128
PROPERTIES_MAX = 2_000
LINE_BYTES_MAX = 64 * 1024 * 1024

_NAMES_SHOWN_MAX = 5


class Reason(StrEnum):
    """Why a line was rejected; the values of ``rejected_events.reason``."""

    MALFORMED = "malformed"
    MISSING_FIELD = "missing_field"
    TOO_LONG = "too_long"
    BAD_TIMESTAMP = "bad_timestamp"
    TOO_OLD = "too_old"
    IN_FUTURE = "in_future"


@dataclass(frozen=True)
class Bounds:
    """The instants that a batch takes, both included; microseconds since 1970 in UTC."""

    earliest: int
    latest: int


@dataclass(frozen=True)
class Event:
    """A line that is an event; ``timestamp`` is in microseconds since 1970 in UTC."""

    transaction_id: str
    customer_id: str
    event_type: str
    timestamp: int
    properties: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Rejection:
    """A line that is none: the reason, and which field or place is at fault."""

    reason: Reason
    detail: str


class _Refused(Exception):  # noqa: N818 - carries a finding to judge_line
    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.rejection = Rejection(reason, detail)


def judge_line(line: bytes, bounds: Bounds) -> Event | Rejection:
    """Decides one line; never raises, whatever the bytes.

    Args:
        line: The line without its break.
        bounds: The instants that the batch takes events from.
    """
    try:
        fields = _decode(line)
        _refuse_wrong_types(fields)
        _refuse_missing(fields)
        properties = _properties(fields["properties"].value) if "properties" in fields else ()
        _refuse_long(fields, properties)
        instant = _instant(str(fields["timestamp"].value), bounds)
    except _Refused as refused:
        return refused.rejection
    transaction_id, customer_id, event_type = (str(fields[name].value) for name in LIMITED_FIELDS)
    return Event(transaction_id, customer_id, event_type, instant, properties)


def _malformed(detail: str) -> NoReturn:
    raise _Refused(Reason.MALFORMED, detail)


def _decode(line: bytes) -> dict[str, Value]:
    """The line's fields, nulls left out; only known ones, each once."""
    try:
        fields = decode_object(line, nested="properties")
    except NotAnObject as error:
        _malformed(str(error))
    unknown = [name for name in fields if name not in FIELDS]
    if unknown:
        _malformed(f"unknown field{'s' if len(unknown) > 1 else ''}: {_some(unknown, ', ')}")
    return {name: value for name, value in fields.items() if value.value is not None}


def _some(words: list[str], separator: str) -> str:
    """The first few of them: a hostile line can have a million."""
    more = len(words) - _NAMES_SHOWN_MAX
    shown = separator.join(word[:200] for word in words[:_NAMES_SHOWN_MAX])
    return f"{shown} and {more:,} more" if more > 0 else shown


def _refuse_wrong_types(fields: dict[str, Value]) -> None:
    wrong = [
        f"{name} must be text, not {_type_name(fields[name].value)}"
        for name in TEXT_FIELDS
        if name in fields and _type_name(fields[name].value) != "text"
    ]
    if "properties" in fields and not isinstance(fields["properties"].value, dict):
        wrong.append(f"properties must be an object, not {_type_name(fields['properties'].value)}")
    if wrong:
        _malformed("; ".join(wrong))


def _type_name(value: Any) -> str:
    if isinstance(value, Number):
        return "a number"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, dict):
        return "an object"
    return "an array" if isinstance(value, list) else "text"


def _refuse_missing(fields: dict[str, Value]) -> None:
    missing = [name for name in TEXT_FIELDS if name not in fields or fields[name].value == ""]
    if missing:
        raise _Refused(Reason.MISSING_FIELD, ", ".join(missing))


def _properties(members: dict[str, Value]) -> tuple[tuple[str, str], ...]:
    """Property texts: strings decoded, everything else as written; null is absent."""
    if "" in members:
        _malformed("a property without a name")
    return tuple(
        (key, member.value if type(member.value) is str else member.text)
        for key, member in members.items()
        if member.value is not None
    )


def _refuse_long(fields: dict[str, Value], properties: tuple[tuple[str, str], ...]) -> None:
    long = [
        f"{name} has {len(fields[name].value):,} characters, {FIELD_CHARACTERS_MAX} at most"
        for name in LIMITED_FIELDS
        if len(fields[name].value) > FIELD_CHARACTERS_MAX
    ]
    long.extend(
        f"the property name {key[:40]}... has {len(key):,} characters, "
        f"{FIELD_CHARACTERS_MAX} at most"
        for key, _ in properties
        if len(key) > FIELD_CHARACTERS_MAX
    )
    if len(properties) > PROPERTIES_MAX:
        long.append(f"{len(properties):,} properties, {PROPERTIES_MAX:,} at most")
    if long:
        raise _Refused(Reason.TOO_LONG, _some(long, "; "))


def _instant(text: str, bounds: Bounds) -> int:
    try:
        instant = parse_instant(text)
    except NotAnInstant as error:
        raise _Refused(Reason.BAD_TIMESTAMP, f"timestamp: {error}") from None
    if instant < bounds.earliest:
        earliest = format_instant(bounds.earliest)
        raise _Refused(Reason.TOO_OLD, f"timestamp: before {earliest}; land it with --backfill")
    if instant > bounds.latest:
        raise _Refused(Reason.IN_FUTURE, f"timestamp: after {format_instant(bounds.latest)}")
    return instant
