"""Instants: RFC 3339 text to microseconds since 1970 in UTC, and back.

Owns which texts are an instant and how digits beyond the microsecond and leap seconds are stored
(docs/decisions/0005). Whether an instant is too old or in the future is
for ``bursar.landing.lines``.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta

MICROSECONDS_PER_SECOND = 1_000_000
MICROSECONDS_PER_DAY = 86_400 * MICROSECONDS_PER_SECOND

_RFC_3339 = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
)
_WITHOUT_OFFSET = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9:.]+)?")
_EPOCH_DAY = date(1970, 1, 1).toordinal()

# What a stored instant can be: the years that a date partition and every reader can name.
EARLIEST_MICROSECONDS = (date.min.toordinal() - _EPOCH_DAY) * MICROSECONDS_PER_DAY
LATEST_MICROSECONDS = (date.max.toordinal() - _EPOCH_DAY + 1) * MICROSECONDS_PER_DAY - 1


class NotAnInstant(ValueError):  # noqa: N818 - it reads as a finding where it is caught
    """A text that is not an RFC 3339 date and time with `Z` or an offset; its words say why."""


def parse_instant(text: str) -> int:
    """Microseconds since 1970-01-01T00:00:00Z of an RFC 3339 date and time with ``Z`` or an offset.

    Digits beyond the microsecond are cut off, never rounded up, and a leap second is the last
    microsecond of its minute: an instant never moves into the next period.

    Raises:
        NotAnInstant: It is something else, or there is no such day or hour.
    """
    match = _RFC_3339.fullmatch(text)
    if match is None:
        raise NotAnInstant(_why_not(text))
    year, month, day, hour, minute, second = (int(match[group]) for group in range(1, 7))
    if hour > 23 or minute > 59 or second > 60:
        raise NotAnInstant(f"there is no time of day {hour:02d}:{minute:02d}:{second:02d}")
    try:
        days = date(year, month, day).toordinal() - _EPOCH_DAY
    except ValueError:
        raise NotAnInstant(f"there is no day {text[:10]}") from None
    local_minutes = days * 1440 + hour * 60 + minute
    utc_minutes = local_minutes - _offset_minutes(match[8], match[9], match[10])
    if second == 60:
        return _leap_second(utc_minutes)
    fraction = int(((match[7] or "") + "000000")[:6])
    instant = (utc_minutes * 60 + second) * MICROSECONDS_PER_SECOND + fraction
    return _storable(instant)


def _offset_minutes(sign: str | None, hours: str | None, minutes: str | None) -> int:
    if sign is None or hours is None or minutes is None:
        return 0
    if int(hours) > 23 or int(minutes) > 59:
        raise NotAnInstant(f"there is no offset {sign}{hours}:{minutes}")
    offset = int(hours) * 60 + int(minutes)
    return -offset if sign == "-" else offset


def _leap_second(utc_minutes: int) -> int:
    """The last microsecond of a minute that can be 61 s long: the last of a month in UTC."""
    last_microsecond = _storable((utc_minutes + 1) * 60 * MICROSECONDS_PER_SECOND - 1)
    moment = instant_to_datetime(last_microsecond)
    is_month_end = moment.day == monthrange(moment.year, moment.month)[1]
    if not (is_month_end and moment.hour == 23 and moment.minute == 59):
        raise NotAnInstant("a second 60 exists only at the end of a month in UTC")
    return last_microsecond


def _storable(instant: int) -> int:
    if not EARLIEST_MICROSECONDS <= instant <= LATEST_MICROSECONDS:
        raise NotAnInstant("in UTC it lies outside the years 0001 to 9999")
    return instant


def _why_not(text: str) -> str:
    if _WITHOUT_OFFSET.fullmatch(text):
        return "it needs a date, a time and `Z` or an offset, as in 2026-01-31T09:30:00Z"
    return "it is not RFC 3339, as in 2026-01-31T09:30:00Z"


def instant_to_datetime(instant: int) -> datetime:
    """The instant as a naive datetime in UTC, as `TIMESTAMP` columns hold it."""
    return datetime(1970, 1, 1) + timedelta(microseconds=instant)  # noqa: DTZ001 - UTC by contract


def datetime_to_instant(moment: datetime) -> int:
    """Microseconds since 1970-01-01T00:00:00Z; a datetime without a zone is in UTC."""
    in_utc = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return (in_utc - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def format_instant(instant: int) -> str:
    """RFC 3339 in UTC, with six digits of a second only where there are any."""
    moment = instant_to_datetime(instant)
    return moment.isoformat(timespec="microseconds" if moment.microsecond else "seconds") + "Z"


def instant_to_name(instant: int) -> str:
    """The instant's second as part of a file name, ``20260203T000000Z``; in order of time."""
    text = instant_to_datetime(instant).isoformat(timespec="seconds")
    return text.replace("-", "").replace(":", "") + "Z"
