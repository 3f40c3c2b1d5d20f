"""Every rule of a single event, landed for real."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bursar.landing.lines import Reason
from tests.support.landing import RECEIVED_AT, event, land_lines, landed, line, one_event

GOOD = (
    '"transaction_id":"t1","customer_id":"acme","event_type":"use",'
    '"timestamp":"2026-02-01T12:00:00Z"'
)


def rejection(root: Path, text: bytes) -> tuple[str, str]:
    """The reason and detail of the only line, which is rejected, whole."""
    counts = land_lines(root, [text]).manifest.counts
    assert (counts.read, counts.rejected) == (1, 1)
    [row] = landed(root).rejected
    assert (row["source_file"], row["line_number"]) == ("events.ndjson", 1)
    assert row["raw"] == text.decode()
    return row["reason"], row["detail"]


def test_an_event_is_stored_as_sent(tmp_path: Path) -> None:
    report = land_lines(tmp_path, [line(timestamp="2026-02-01T14:00:00.25+02:00")])
    assert one_event(tmp_path) == {
        "transaction_id": "t1",
        "customer_id": "acme",
        "event_type": "use",
        "timestamp": datetime(2026, 2, 1, 12, 0, 0, 250000),  # noqa: DTZ001 - TIMESTAMP
        "received_at": RECEIVED_AT.replace(tzinfo=None),
        "batch_id": report.manifest.batch_id,
        "properties": {"n": "1"},
    }


@pytest.mark.parametrize("field", ["transaction_id", "customer_id", "event_type", "timestamp"])
@pytest.mark.parametrize("value", ["absent", "", None])
def test_a_required_field_that_is_absent_or_empty_is_named(
    tmp_path: Path, field: str, value: str | None
) -> None:
    fields = event()
    if value == "absent":
        del fields[field]
    else:
        fields[field] = value
    reason = rejection(tmp_path, json.dumps(fields).encode())
    assert reason == ("missing_field", field)


def test_all_missing_fields_are_named_at_once(tmp_path: Path) -> None:
    reason = rejection(tmp_path, b'{"event_type":"use","customer_id":""}')
    assert reason == ("missing_field", "transaction_id, customer_id, timestamp")


@pytest.mark.parametrize("field", ["transaction_id", "customer_id", "event_type"])
def test_a_text_has_128_characters_at_most(tmp_path: Path, field: str) -> None:
    longest = "é" * 128
    lines = [line("a", **({} if field == "transaction_id" else {field: longest}))]
    if field == "transaction_id":
        lines = [line(longest)]
    assert land_lines(tmp_path, lines).manifest.counts.accepted == 1
    assert one_event(tmp_path)[field] == longest

    too_long = json.dumps({**event("b"), field: "é" * 129}, ensure_ascii=False).encode()
    report = land_lines(tmp_path, [too_long])
    assert report.manifest.rejected_by_reason == {"too_long": 1}
    [row] = landed(tmp_path).rejected
    assert row["detail"] == f"{field} has 129 characters, 128 at most"


def test_a_property_name_has_1_to_128_characters(tmp_path: Path) -> None:
    lines = [
        line("a", properties={"k" * 128: "v"}),
        line("b", properties={"k" * 129: "v"}),
        line("c", properties={"": "v"}),
    ]
    report = land_lines(tmp_path, lines)
    assert one_event(tmp_path)["properties"] == {"k" * 128: "v"}
    assert report.manifest.rejected_by_reason == {"malformed": 1, "too_long": 1}


def test_an_event_has_2000_properties_at_most(tmp_path: Path) -> None:
    lines = [
        line("a", properties={f"k{n}": "v" for n in range(2000)}),
        line("b", properties={f"k{n}": "v" for n in range(2001)}),
    ]
    report = land_lines(tmp_path, lines)
    assert len(one_event(tmp_path)["properties"]) == 2000
    assert report.manifest.rejected_by_reason == {"too_long": 1}


MALFORMED = {
    b"not json": "not JSON: Expecting value at character 1",
    b"{": 'not JSON: expecting " at character 2',
    b"[]": "not a JSON object",
    b'"text"': "not a JSON object",
    b"null": "not a JSON object",
    b"12": "not a JSON object",
    b"{} {}": "more text after the object, at character 4",
    f"{{{GOOD},}}".encode(): f'not JSON: expecting " at character {len(GOOD) + 3}',
    f"{{{GOOD}".encode(): f"not JSON: expecting , at character {len(GOOD) + 2}",
    f'{{{GOOD},"extra":1,"more":2}}'.encode(): "unknown fields: extra, more",
    f'{{{GOOD},"Properties":{{}}}}'.encode(): "unknown field: Properties",
    f'{{{GOOD},"customer_id":"acme"}}'.encode(): "the name customer_id stands twice",
    f'{{{GOOD},"properties":{{}},"properties":{{}}}}'.encode(): "the name properties stands twice",
    f'{{{GOOD},"properties":{{"a":"1","a":"1"}}}}'.encode(): "the property name a stands twice",
    f'{{{GOOD},"properties":[]}}'.encode(): "properties must be an object, not an array",
    f'{{{GOOD},"properties":"{{}}"}}'.encode(): "properties must be an object, not text",
    f'{{{GOOD},"properties":{{"a":NaN}}}}'.encode(): "not JSON: NaN",
    f'{{{GOOD},"properties":{{"a":-Infinity}}}}'.encode(): "not JSON: -Infinity",
    f"{{{GOOD},'properties':{{}}}}".encode(): f'not JSON: expecting " at character {len(GOOD) + 3}',
    b'{"transaction_id":1,"customer_id":true,"event_type":[],"timestamp":{}}': (
        "transaction_id must be text, not a number; customer_id must be text, not a boolean; "
        "event_type must be text, not an array; timestamp must be text, not an object"
    ),
    b'{"transaction_id":"\\ud800"}': "a lone surrogate in a value",
    b'{"\\ud800":"x"}': "a lone surrogate in a name",
    f'{{{GOOD},"properties":{{"a":["\\udc00"]}}}}'.encode(): "a lone surrogate in a value",
    b"\xef\xbb\xbf\xef\xbb\xbf{}": "not JSON: Expecting value at character 1",
    b"[" * 100_000: "nested more than 200 deep",
}


@pytest.mark.parametrize("text", MALFORMED)
def test_what_is_no_event_is_malformed_and_says_why(tmp_path: Path, text: bytes) -> None:
    land_lines(tmp_path, [text])
    [row] = landed(tmp_path).rejected
    assert (row["reason"], row["detail"]) == ("malformed", MALFORMED[text])


@pytest.mark.parametrize(
    "number", ["01", "1.", ".5", "+1", "1e", "0x10", "1_000", "\uff11", "--1", "1.2.3"]
)
def test_what_is_no_json_number_is_malformed(tmp_path: Path, number: str) -> None:
    text = f'{{{GOOD},"properties":{{"a":{number}}}}}'.encode()
    assert rejection(tmp_path, text)[0] == Reason.MALFORMED


@pytest.mark.parametrize(
    "number",
    [
        "0.10",
        "12345678901234567890.5",
        "0",
        "-0",
        "-0.0",
        "1",
        "-17",
        "100",
        "123456789012345678",
        "1234567890123456789",
        "18446744073709551616",
        "1" * 400,
        "0." + "1" * 400,
        "1e3",
        "1E+3",
        "1.50e-7",
        "1e999999",
        "0.1234567890123456789012345678901234567890",
    ],
)
@pytest.mark.parametrize("spaces", ["", " "])
def test_a_number_keeps_its_digits_as_written(tmp_path: Path, number: str, spaces: str) -> None:
    text = f'{{{GOOD},"properties":{{"a":{spaces}{number}{spaces},"b":"x"}}}}'
    land_lines(tmp_path, [text.encode()])
    assert one_event(tmp_path)["properties"] == {"a": number, "b": "x"}


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("true", "true"),
        ("false", "false"),
        ('"true"', "true"),
        ('""', ""),
        ('" spaced "', " spaced "),
        ('": 5"', ": 5"),
        ('"\\u00e9\\n\\"\\\\\\/"', 'é\n"\\/'),
        ('"\\ud83d\\ude00"', "😀"),
        ('"\\u0000"', "\0"),
        ('"é😀"', "é😀"),
        ('{"x": 0.10, "y": [1.0, null]}', '{"x": 0.10, "y": [1.0, null]}'),
        ("[ ]", "[ ]"),
        ("{}", "{}"),
        ('["a\\u00e9"]', '["a\\u00e9"]'),
    ],
)
def test_a_property_value_is_kept_as_text(tmp_path: Path, written: str, kept: str) -> None:
    text = f'{{{GOOD},"properties":{{"a":{written},"n":":","m":": 7","l":2}}}}'
    land_lines(tmp_path, [text.encode()])
    assert one_event(tmp_path)["properties"] == {"a": kept, "n": ":", "m": ": 7", "l": "2"}


@pytest.mark.parametrize("properties", [{}, {"a": None}, {"a": None, "b": None}])
def test_null_is_absent(tmp_path: Path, properties: dict[str, Any]) -> None:
    land_lines(tmp_path, [line("a", properties=properties), line("b", properties=None)])
    assert [row["properties"] for row in landed(tmp_path).accepted] == [{}, {}]


def test_null_properties_are_none_and_null_beside_others_is_left_out(tmp_path: Path) -> None:
    lines = [f'{{{GOOD},"properties":null}}'.encode(), line("u", properties={"a": None, "b": 1.5})]
    land_lines(tmp_path, lines)
    assert [row["properties"] for row in landed(tmp_path).accepted] == [{}, {"b": "1.5"}]


@pytest.mark.parametrize("timestamp", ["infinity", "epoch", "2026-02-01", "2026-02-01T00:00:00"])
def test_a_timestamp_needs_a_date_a_time_and_an_offset(tmp_path: Path, timestamp: str) -> None:
    reason, detail = rejection(tmp_path, line(timestamp=timestamp))
    assert reason == Reason.BAD_TIMESTAMP
    assert "2026-01-31T09:30:00Z" in detail


def written(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


MICROSECOND = timedelta(microseconds=1)
OLDEST = RECEIVED_AT - timedelta(days=34)
NEWEST = RECEIVED_AT + timedelta(hours=24)


@pytest.mark.parametrize("offset", ["Z", "+00:00"])
def test_34_days_before_receipt_is_the_oldest(tmp_path: Path, offset: str) -> None:
    lines = [
        line("a", timestamp=written(OLDEST).replace("Z", offset)),
        line("b", timestamp=written(OLDEST - MICROSECOND).replace("Z", offset)),
    ]
    report = land_lines(tmp_path, lines)
    assert one_event(tmp_path)["transaction_id"] == "a"
    assert report.manifest.rejected_by_reason == {"too_old": 1}


def test_a_backfill_takes_any_age_but_not_the_future(tmp_path: Path) -> None:
    lines = [
        line("a", timestamp=written(OLDEST - MICROSECOND)),
        line("b", timestamp="0001-01-01T00:00:00Z"),
        line("c", timestamp=written(NEWEST + MICROSECOND)),
    ]
    report = land_lines(tmp_path, lines, is_backfill=True)
    assert [row["transaction_id"] for row in landed(tmp_path).accepted] == ["b", "a"]
    assert report.manifest.rejected_by_reason == {"in_future": 1}
    assert report.manifest.is_backfill


def test_24_hours_after_receipt_is_the_newest(tmp_path: Path) -> None:
    lines = [
        line("a", timestamp=written(NEWEST)),
        line("b", timestamp=written(NEWEST + MICROSECOND)),
    ]
    report = land_lines(tmp_path, lines)
    assert one_event(tmp_path)["transaction_id"] == "a"
    assert report.manifest.rejected_by_reason == {"in_future": 1}


@pytest.mark.parametrize("year", [1, 9999])
def test_receipt_at_the_edges_of_time_is_no_error(tmp_path: Path, year: int) -> None:
    received_at = datetime(year, 1 if year == 1 else 12, 1 if year == 1 else 31, tzinfo=UTC)
    report = land_lines(tmp_path, [line()], received_at=received_at)
    assert report.manifest.counts.rejected == 1
