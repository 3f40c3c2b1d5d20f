"""Any bytes at all are accepted, a duplicate or rejected, and the two ways to read a line agree."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bursar.landing.events import PROPERTIES
from bursar.landing.instants import (
    NotAnInstant,
    datetime_to_instant,
    format_instant,
    instant_to_datetime,
    parse_instant,
)
from bursar.landing.lines import Bounds, Event, Rejection, judge_line
from bursar.landing.readers.chunk import Block, line_spans
from bursar.landing.scanner.binding import loaded_library
from bursar.landing.scanner.collecting import (
    CompiledCollector,
    EventCollector,
    PythonCollector,
)
from bursar.landing.scanner.splitting import split_lines, split_lines_in_python
from bursar.landing.scanner.taking import take_rows
from tests.support.landing import land_lines, landed

BOUNDS = Bounds(parse_instant("2025-12-31T00:00:00Z"), parse_instant("2026-02-04T00:00:00Z"))
FEW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
MANY = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))

names = st.sampled_from(["transaction_id", "customer_id", "event_type", "timestamp", "properties"])
instants = st.sampled_from(
    [
        "2026-02-01T12:00:00Z",
        "2026-02-01T12:00:00.123456Z",
        "2026-02-01T12:00:00.1234569Z",
        "2026-02-01T14:00:00+02:00",
        "2026-01-31T23:59:60Z",
        "2026-02-01t12:00:00z",
        "2026-02-30T12:00:00Z",
        "2026-02-01T24:00:00Z",
        "2025-12-31T00:00:00Z",
        "2026-02-04T00:00:00.000001Z",
        "1999-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "2026-02-01",
        "infinity",
    ]
)
awkward = st.sampled_from(
    ["", ":", ": 5", '":5', ",", "{", "}", "null", " x", "\\", '"', "\0", "é"]
)
texts = st.one_of(awkward, st.text(max_size=6), st.sampled_from(["a", "b", "k" * 128, "k" * 129]))
numbers = st.one_of(
    st.integers().map(str),
    st.sampled_from(["-0", "0.10", "01", "1.", "NaN", "1e5", "-", "9" * 19, "-" + "9" * 18]),
)
spaces = st.sampled_from(["", "", "", " ", "\t", "\r", "  "])
odd_values = st.one_of(
    texts.map(json.dumps),
    texts.map(lambda text: json.dumps(text, ensure_ascii=False)),
    numbers,
    st.sampled_from(["true", "false", "null", "[]", '{"a": 1.0}', "[1,2]", "nul"]),
)

# Nothing odd, but everything that could confuse one who looks for numbers between the strings.
tame_texts = st.sampled_from(
    ["a", "b", "a: 5", "5", ",", "{", "}", "null", "1.50", "é", "a:1,b", ":5", ": 1.5", " :5"]
)
tame_numbers = st.one_of(
    st.sampled_from(["0.10", "-0", "1e5", "1.50E-7", "9" * 18, "9" * 19, "-" + "9" * 20, "1" * 40]),
    st.from_regex(r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,5})?", fullmatch=True),
)
tame_values = st.one_of(
    st.one_of(tame_texts, st.just("")).map(lambda text: json.dumps(text, ensure_ascii=False)),
    st.integers().map(str),
    tame_numbers.filter(str.isascii),
    st.sampled_from(["true", "false", "null"]),
)


def members_text(draw: st.DrawFn, members: list[tuple[str, str]], separator: str) -> str:
    parts = [
        f"{draw(spaces)}{name}{draw(spaces)}:{draw(spaces)}{value}{draw(spaces)}"
        for name, value in members
    ]
    return f"{{{separator.join(parts) or draw(spaces)}}}"


@st.composite
def tame_lines(draw: st.DrawFn) -> bytes:
    """Events, perhaps with a property twice; fields in any order, spaces anywhere."""
    properties = draw(st.lists(st.tuples(tame_texts, tame_values), max_size=4))
    quoted = [(json.dumps(key, ensure_ascii=False), value) for key, value in properties]
    members = [
        ("transaction_id", json.dumps(draw(tame_texts))),
        ("customer_id", '"acme"'),
        ("event_type", json.dumps(draw(tame_texts), ensure_ascii=False)),
        ("timestamp", f'"2026-02-01T{draw(st.integers(0, 23)):02}:00:00.5+02:00"'),
        ("properties", members_text(draw, quoted, ",")),
    ]
    named = [(json.dumps(name), value) for name, value in draw(st.permutations(members))]
    return members_text(draw, named, ",").replace("\n", " ").encode()


@st.composite
def odd_lines(draw: st.DrawFn) -> bytes:
    """Lines near to events: each part now and then odd, and perhaps not quite JSON."""
    separators = st.sampled_from([",", ",", ",", ",", ",", ";", ",,"])
    properties = draw(st.lists(st.tuples(texts.map(json.dumps), odd_values), max_size=4))
    members = [
        ("transaction_id", json.dumps(draw(texts))),
        ("customer_id", json.dumps(draw(st.one_of(st.just("acme"), texts)))),
        ("event_type", json.dumps(draw(st.one_of(st.just("use"), texts)))),
        ("timestamp", json.dumps(draw(instants))),
        ("properties", members_text(draw, properties, draw(separators))),
    ]
    members = draw(st.permutations(members))
    if draw(st.integers(0, 9)) == 0:
        members.pop()
    if draw(st.integers(0, 9)) == 0:
        members.append((draw(st.one_of(names, texts)), draw(odd_values)))
    quoted = [(json.dumps(name), value) for name, value in members]
    line = draw(spaces) + members_text(draw, quoted, draw(separators)) + draw(spaces)
    return line.replace("\n", " ").encode("utf-8", "surrogatepass")


event_lines = st.one_of(tame_lines(), odd_lines())


def as_block(lines: list[bytes]) -> Block:
    return Block("x", b"".join(lines), line_spans(lines), pa.array(range(len(lines)), pa.int64()))


def compiled(promoted: list[str]) -> CompiledCollector:
    loaded = loaded_library()
    assert loaded is not None, "the scanner is not built: python hatch_build.py"
    return CompiledCollector(promoted, loaded)


def scan(lines: list[bytes]) -> tuple[dict[int, Event], list[int]]:
    """What the compiled way takes, by the line's number, and what it leaves over."""
    collector = compiled(["a", "b"])
    left_over = list(collector.scan(as_block(lines), 0, BOUNDS))
    table, _ = collector.take()
    return {row["position"]: as_event(row) for row in table.to_pylist()}, left_over


def as_event(row: dict[str, Any]) -> Event:
    promoted = [(key, row[f"p:{key}"]) for key in ("a", "b") if row[f"p:{key}"] is not None]
    instant = datetime_to_instant(row["timestamp"])
    texts = (row["transaction_id"], row["customer_id"], row["event_type"])
    return Event(*texts, instant, tuple(sorted(row["properties"] + promoted)))


@MANY
@given(lines=st.lists(st.one_of(event_lines, st.binary(max_size=40)), min_size=1, max_size=20))
def test_the_fast_way_says_the_same_as_the_exact_way_or_nothing(lines: list[bytes]) -> None:
    taken, left_over = scan(lines)
    assert sorted([*taken, *left_over]) == list(range(len(lines)))
    for number, event in taken.items():
        exact = judge_line(lines[number], BOUNDS)
        assert isinstance(exact, Event)
        assert replace(exact, properties=tuple(sorted(exact.properties))) == event


@MANY
@given(lines=st.lists(tame_lines(), min_size=1, max_size=20))
def test_events_are_the_same_table_collected_in_c_and_in_python(lines: list[bytes]) -> None:
    scanned, added, slow = compiled(["a"]), compiled(["a"]), PythonCollector(["a"])
    left_over = scanned.scan(as_block(lines), 5, BOUNDS)
    for number, line in enumerate(lines):
        event = judge_line(line, BOUNDS)
        if isinstance(event, Event):
            collectors: list[EventCollector] = [added, slow]
            for collector in collectors + ([scanned] if number in left_over else []):
                collector.add(5 + number, event)
    expected = with_names(slow)
    assert with_names(added) == expected
    assert with_names(scanned) == expected


def with_names(collector: EventCollector) -> list[dict[str, Any]]:
    """The collected rows in order of position, their shapes spelled out."""
    table, shapes = collector.take()
    rows = sorted(table.to_pylist(), key=lambda row: row["position"])
    return [{**row, "shape": tuple(map(sorted, shapes[row["shape"]]))} for row in rows]


def test_the_fast_way_takes_common_lines() -> None:
    start = '{"transaction_id":"a","customer_id": "acme","event_type":"use",'
    lines = [
        start + '"timestamp":"2026-02-01T12:00:00Z"}',
        start + '"timestamp":"2026-02-01T12:00:00.25+02:00","properties":{}}',
        start + '"properties":{"n":1,"b":true,"s":"x"},"timestamp":"2026-02-01T12:00:00Z"}\r',
        start + '"timestamp":"2026-02-01T12:00:00Z","properties":{"n":0.10,"z":null,"s":"a: 5"}}',
        start + '"timestamp":"2026-02-01T12:00:00Z","properties":{"s":"é"}}',
    ]
    taken, left_over = scan([line.encode() for line in lines])
    assert left_over == []
    assert taken[3].properties == (("n", "0.10"), ("s", "a: 5"))


@MANY
@given(block=st.lists(st.sampled_from([b"a", b" ", b"\r", b"\n", b"\t", b"{}"])).map(b"".join))
def test_lines_are_split_in_c_as_in_python(block: bytes) -> None:
    compiled, slow = split_lines(block), split_lines_in_python(block)
    assert (compiled.line_count, compiled.bytes_taken) == (slow.line_count, slow.bytes_taken)
    assert compiled.spans.equals(slow.spans)
    assert compiled.numbers.equals(slow.numbers)


@MANY
@given(
    rows=st.lists(
        st.tuples(st.text(max_size=5), st.dictionaries(st.text(max_size=3), st.text(max_size=3))),
        min_size=1,
    ),
    data=st.data(),
)
def test_rows_are_taken_in_c_as_arrow_takes_them(
    rows: list[tuple[str, dict[str, str]]], data: st.DataObject
) -> None:
    table = pa.table(
        {
            "text": pa.array([text for text, _ in rows]),
            "map": pa.array([list(members.items()) for _, members in rows], PROPERTIES),
            "number": list(range(len(rows))),
        }
    )
    wanted = pa.array(data.draw(st.lists(st.integers(0, len(rows) - 1))), pa.int64())
    assert take_rows(table, wanted).equals(table.take(wanted).combine_chunks())


@MANY
@given(line=st.one_of(st.binary(max_size=80), event_lines))
def test_judging_a_line_never_raises(line: bytes) -> None:
    outcome = judge_line(line, BOUNDS)
    assert isinstance(outcome, Event | Rejection)
    texts: list[Any] = [outcome.detail] if isinstance(outcome, Rejection) else []
    if isinstance(outcome, Event):
        assert BOUNDS.earliest <= outcome.timestamp <= BOUNDS.latest
        texts += [outcome.transaction_id, outcome.customer_id, outcome.event_type]
        texts += [text for pair in outcome.properties for text in pair]
    for text in texts:
        text.encode("utf-8")


noise = st.one_of(st.binary(max_size=60), event_lines, st.text(max_size=30).map(str.encode))


@FEW
@given(lines=st.lists(noise, max_size=25))
def test_any_bytes_land_and_every_line_has_one_outcome(lines: list[bytes]) -> None:
    physical = b"\n".join(lines).removeprefix(b"\xef\xbb\xbf").split(b"\n")
    numbered = {n: text for n, text in enumerate(physical, 1) if text.strip(b" \t\r")}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        counts = land_lines(root, lines).manifest.counts
        again = land_lines(root, lines).manifest.counts
        found = landed(root)
    assert counts.read == len(numbered)
    assert counts.read == counts.accepted + counts.duplicate + counts.rejected
    assert len(found.accepted) == counts.accepted
    assert (again.accepted, again.rejected) == (0, counts.rejected)
    first = [row for row in found.rejected if row["batch_id"] == found.rejected[0]["batch_id"]]
    for row in first:
        received = numbered[row["line_number"]].removesuffix(b"\r")
        assert (row["raw_bytes"] or row["raw"].encode()) == received
    outcomes = {row["line_number"] for row in first}
    outcomes |= {row["line_number"] for row in found.duplicates}
    assert outcomes <= set(numbered)


@MANY
@given(instant=st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999))
def test_an_instant_survives_being_written(instant: int) -> None:
    assert parse_instant(format_instant(instant)) == instant
    assert instant_to_datetime(instant).isoformat() in format_instant(instant) + "Z"


@MANY
@given(text=st.one_of(st.text(max_size=30), instants))
def test_a_text_is_an_instant_or_refused(text: str) -> None:
    try:
        instant = parse_instant(text)
    except NotAnInstant:
        return
    assert parse_instant(format_instant(instant)) == instant
