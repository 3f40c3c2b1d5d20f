from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from bursar.landing.instants import (
    NotAnInstant,
    datetime_to_instant,
    format_instant,
    instant_to_datetime,
    instant_to_name,
    parse_instant,
)


@pytest.mark.parametrize(
    ("text", "in_utc"),
    [
        ("2026-02-01T12:00:00Z", "2026-02-01T12:00:00Z"),
        ("2026-02-01t12:00:00z", "2026-02-01T12:00:00Z"),
        ("2026-02-01T12:00:00+02:00", "2026-02-01T10:00:00Z"),
        ("2026-02-01T00:30:00+02:00", "2026-01-31T22:30:00Z"),
        ("2026-01-31T23:30:00-01:00", "2026-02-01T00:30:00Z"),
        ("2026-02-01T12:00:00-00:00", "2026-02-01T12:00:00Z"),
        ("2026-02-01T12:00:00+23:59", "2026-01-31T12:01:00Z"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"),
        ("2026-02-01T12:00:00.5Z", "2026-02-01T12:00:00.500000Z"),
        ("2026-02-01T12:00:00.000001Z", "2026-02-01T12:00:00.000001Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
    ],
)
def test_rfc_3339_is_read_in_utc(text: str, in_utc: str) -> None:
    assert format_instant(parse_instant(text)) == in_utc


@pytest.mark.parametrize(
    ("text", "in_utc"),
    [
        ("2026-01-31T23:59:59.9999999Z", "2026-01-31T23:59:59.999999Z"),
        ("2026-01-31T23:59:59." + "9" * 400 + "Z", "2026-01-31T23:59:59.999999Z"),
        ("2026-02-01T12:00:00.1234567Z", "2026-02-01T12:00:00.123456Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999999Z"),
        ("2016-12-31T23:59:60.75Z", "2016-12-31T23:59:59.999999Z"),
        ("2017-01-01T01:59:60+02:00", "2016-12-31T23:59:59.999999Z"),
    ],
)
def test_an_instant_never_moves_into_the_next_period(text: str, in_utc: str) -> None:
    assert format_instant(parse_instant(text)) == in_utc


@pytest.mark.parametrize(
    "text",
    [
        "",
        "infinity",
        "-infinity",
        "epoch",
        "now",
        "2026-02-01",
        "2026-02-01Z",
        "2026-02-01T12:00Z",
        "2026-02-01T12:00:00",
        "2026-02-01 12:00:00Z",
        "2026-02-01T12:00:00 Z",
        " 2026-02-01T12:00:00Z",
        "2026-02-01T12:00:00Z\n",
        "2026-02-01T12:00:00.Z",
        "2026-02-01T12:00:00,5Z",
        "2026-02-01T12:00:00+0200",
        "2026-02-01T12:00:00+02",
        "2026-02-01T12:00:00 UTC",
        "2026-02-01T12:00:00Z[Europe/Berlin]",
        "2026-2-1T12:00:00Z",
        "20260201T120000Z",
        "2026-W05-7T12:00:00Z",
        "1769947200",
        "2026-02-30T12:00:00Z",
        "2025-02-29T12:00:00Z",
        "2026-00-01T12:00:00Z",
        "2026-13-01T12:00:00Z",
        "2026-02-01T24:00:00Z",
        "2026-02-01T12:60:00Z",
        "2026-02-01T12:00:61Z",
        "2026-02-01T12:00:00+24:00",
        "2026-02-01T12:00:00+02:60",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "+12026-02-01T12:00:00Z",
        "-2026-02-01T12:00:00Z",
        "\uff12\uff10\uff12\uff16-02-01T12:00:00Z",
        "2026-02-01T12:00:60Z",
        "2026-02-15T23:59:60Z",
        "2016-12-31T23:59:60-02:00",
    ],
)
def test_anything_else_is_no_instant(text: str) -> None:
    with pytest.raises(NotAnInstant):
        parse_instant(text)


def test_the_words_show_what_an_instant_looks_like() -> None:
    with pytest.raises(NotAnInstant, match=r"needs a date, a time and `Z` or an offset"):
        parse_instant("2026-02-01T12:00:00")
    with pytest.raises(NotAnInstant, match=r"no day 2026-02-30"):
        parse_instant("2026-02-30T12:00:00Z")


def test_a_datetime_keeps_its_instant() -> None:
    there = datetime(2026, 2, 1, 2, 0, 0, 7, tzinfo=timezone(timedelta(hours=2)))
    naive = datetime(2026, 2, 1, 0, 0, 0, 7)  # noqa: DTZ001 - naive on purpose
    assert datetime_to_instant(there) == datetime_to_instant(naive)
    assert instant_to_datetime(datetime_to_instant(there)) == naive
    assert datetime_to_instant(datetime(1970, 1, 1, tzinfo=UTC)) == 0


def test_names_are_in_order_of_time() -> None:
    assert instant_to_name(parse_instant("2026-02-03T04:05:06.7Z")) == "20260203T040506Z"
    assert instant_to_name(parse_instant("0001-02-03T04:05:06Z")) == "00010203T040506Z"
