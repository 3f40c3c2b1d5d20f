"""JSON arrays, CSV and Parquet land as the same events as NDJSON."""

from __future__ import annotations

import gzip
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bursar.errors import BursarError, ExitCode
from bursar.landing import BatchReport, InputFormat, LandOptions, land
from bursar.landing.readers import csv_records, json_array
from bursar.project import Project
from tests.support.landing import RECEIVED_AT, event, landed, line, one_event

AT = "2026-02-01T12:00:00Z"
HEADER = "transaction_id,customer_id,event_type,timestamp"


def land_file(
    root: Path, name: str, data: bytes | str, form: InputFormat | None = None
) -> BatchReport:
    (root / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    options = LandOptions(received_at=RECEIVED_AT, input_format=form)
    return land(Project(root), [str(root / name)], options)


def parquet(columns: dict[str, Any]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def row(**columns: pa.Array) -> bytes:
    """A Parquet file of one good event; columns are added or replaced."""
    fields = {"transaction_id": ["t1"], "customer_id": ["acme"], "event_type": ["use"]}
    return parquet({**fields, "timestamp": [AT], **columns})


def rejects(root: Path) -> list[tuple[int, str, str]]:
    return [(r["line_number"], r["reason"], r["detail"]) for r in landed(root).rejected]


def test_one_event_is_the_same_in_every_format(tmp_path: Path) -> None:
    texts: dict[str, str | bytes] = {
        "a.ndjson": line("t1"),
        "b.json": json.dumps([event("t1")], indent=2),
        "c.csv": f"{HEADER},properties.n\nt1,acme,use,{AT},1\n",
        "d.csv": f'properties,{HEADER}\n"{{""n"": 1}}",t1,acme,use,{AT}\n',
        "e.parquet": row(**{"properties.n": pa.array([1])}),
    }
    for name, data in texts.items():
        land_file(tmp_path, name, data)
    found = landed(tmp_path)
    assert len(found.accepted) == 1
    assert [copy["is_conflicting"] for copy in found.duplicates] == [False] * 4


def test_formats_are_told_by_names_and_mix_in_a_batch(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(line("a"))
    (tmp_path / "b.JSON.gz").write_bytes(gzip.compress(b"[" + line("b") + b"]"))
    (tmp_path / "c.csv").write_text(f"{HEADER}\nc,acme,use,{AT}\n")
    (tmp_path / "d.parquet.gz").write_bytes(gzip.compress(row()))
    options = LandOptions(received_at=RECEIVED_AT)
    manifest = land(Project(tmp_path), [str(tmp_path / "*")], options).manifest
    assert [(s.path, s.format, s.lines) for s in manifest.sources] == [
        ("a.jsonl", "ndjson", 1),
        ("b.JSON.gz", "json", 1),
        ("c.csv", "csv", 1),
        ("d.parquet.gz", "parquet", 1),
    ]
    assert manifest.counts.accepted == 4


def test_a_name_that_says_nothing_does_not_mix_with_other_formats(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(line("a"))
    (tmp_path / "b.csv").write_text(HEADER)
    with pytest.raises(BursarError, match=r"do not say what they hold: a.txt, -") as caught:
        land(Project(tmp_path), [str(tmp_path / "*"), "-"], LandOptions())
    assert caught.value.exit_code == ExitCode.BAD_USAGE


# JSON arrays


@pytest.mark.parametrize("block", [1, 7, 100, 4096])
def test_an_array_is_the_same_however_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(json_array, "_BLOCK_BYTES", block)
    events = [event(f"t{n}", properties={"k": 'é"]},{[\\' * n, "d": [1, {}]}) for n in range(20)]
    data = b"\xef\xbb\xbf" + json.dumps(events, indent=1, ensure_ascii=False).encode()
    assert land_file(tmp_path, "e.json", data).manifest.counts.accepted == 20
    texts = [r["properties"]["k"] for r in landed(tmp_path).accepted]
    assert sorted(texts, key=len) == ['é"]},{[\\' * n for n in range(20)]


def test_numbers_in_an_array_keep_their_digits(tmp_path: Path) -> None:
    data = line(properties={"a": "#", "b": "%"}).replace(b'"#"', b"0.10")
    land_file(tmp_path, "e.json", b"[\n" + data.replace(b'"%"', b"12345678901234567890.5") + b"]")
    assert one_event(tmp_path)["properties"] == {"a": "0.10", "b": "12345678901234567890.5"}


def test_a_bad_element_is_one_reject_with_the_line_where_it_begins(tmp_path: Path) -> None:
    data = b'[\n1,\n{"a": tru, "b": [1, 2]},\n' + line("a") + b" junk,\n,\n" + line("b")
    data += b',\n"x\xff]",\n{"transaction_id": "c",\n\n"customer_id": 5}\n]\n'
    counts = land_file(tmp_path, "e.json", data).manifest.counts
    assert (counts.read, counts.accepted) == (7, 1)
    found = landed(tmp_path).rejected
    assert [r["line_number"] for r in found] == [2, 3, 4, 5, 7, 8]
    assert found[1]["raw"] == '{"a": tru, "b": [1, 2]}'
    assert found[4]["raw_bytes"] == b'"x\xff]"'
    assert found[5]["detail"] == "customer_id must be text, not a number"


@pytest.mark.parametrize("data", [b"[]", b" [ \n ] \n"])
def test_an_empty_array_is_an_empty_batch(tmp_path: Path, data: bytes) -> None:
    assert land_file(tmp_path, "e.json", data).manifest.counts.read == 0


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is not a JSON array"),
        (b'{"a":1}', "is not a JSON array"),
        (b"[" + line(), "ends inside its array, in the element at line 1"),
        (b"[\n" + line() + b',\n{"a', "ends inside its array, in the element at line 3"),
        (b"[" + line() + b"]\n" + line(), "goes on after the end"),
        (b'[{"a": [1}]', "ends inside its array"),
    ],
)
def test_a_file_that_is_no_array_lands_nothing(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(BursarError, match=f"e.json {words}"):
        land_file(tmp_path, "e.json", data)
    assert landed(tmp_path).accepted == []


# CSV


def test_cells_are_quoted_as_rfc_4180_says(tmp_path: Path) -> None:
    data = (
        f"\ufeff{HEADER},properties.a,properties.it's b\r\n\r\n"
        f't1,"ac,""me""",use,{AT},"1\r\n2",0.10\r\n'
        f"t2,acme,use,{AT},, \r\n"
    )
    assert land_file(tmp_path, "e.csv", data).manifest.counts.read == 2
    first, second = sorted(landed(tmp_path).accepted, key=lambda r: str(r["transaction_id"]))
    assert first["customer_id"] == 'ac,"me"'
    assert first["properties"] == {"a": "1\r\n2", "it's b": "0.10"}
    assert second["properties"] == {"it's b": " "}


def test_a_bad_record_is_kept_as_received_with_the_line_where_it_begins(tmp_path: Path) -> None:
    bad = ['x,"a\nb",use', f"t2,acme,use,{AT},1,2", 't3,"a"b,use,,,', ",acme,use,,,", "t\xff,,,,,"]
    records = [f"{HEADER},properties.a,extra", *bad, f"t9,acme,use,{AT},1,"]
    report = land_file(tmp_path, "e.csv", "\n".join(records).encode("latin-1"))
    assert report.manifest.counts.accepted == 1
    assert rejects(tmp_path) == [
        (2, "malformed", "3 cells, and the file has 6 columns"),
        (4, "malformed", "unknown field: extra"),
        (5, "malformed", "not CSV: ',' expected after '\"'"),
        (6, "missing_field", "transaction_id, timestamp"),
        (7, "malformed", "not UTF-8 at byte 2"),
    ]
    found = landed(tmp_path).rejected
    assert [r["raw"] for r in found] == [*bad[:4], "t\\xff,,,,,"]
    assert found[4]["raw_bytes"] == b"t\xff,,,,,"


def test_an_absent_column_is_a_missing_field_of_every_record(tmp_path: Path) -> None:
    land_file(tmp_path, "e.csv", f"customer_id,event_type,timestamp\nacme,use,{AT}\n")
    assert rejects(tmp_path) == [(2, "missing_field", "transaction_id")]


def test_a_quote_never_closed_spoils_no_more_than_the_longest_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_records, "CELL_CHARACTERS_MAX", 100)
    good = [f"t{n},acme,use,{AT}" for n in range(20)]
    report = land_file(tmp_path, "e.csv", "\n".join([HEADER, f'"x,acme,use,{AT}', *good]))
    assert report.manifest.counts.accepted == 17
    [reject] = landed(tmp_path).rejected
    assert reject["detail"] == "not CSV: field larger than field limit (100)"
    assert reject["raw"].splitlines() == [f'"x,acme,use,{AT}', *good[:3]]


def test_both_kinds_of_property_columns_make_one_object(tmp_path: Path) -> None:
    cells = ['"{""a"": 1.0}",2', ",3", "{},4", "null,5", '"{""b"": 1}",6', "7,8", "9,", "{]},1"]
    cells.append('"{}, ""customer_id"": ""evil""",')
    lines = [f"t{n},acme,use,{AT},{cell}" for n, cell in enumerate(cells)]
    land_file(tmp_path, "e.csv", "\n".join([f"{HEADER},properties,properties.b", *lines]))
    accepted = {r["transaction_id"]: r["properties"] for r in landed(tmp_path).accepted}
    assert accepted == {
        "t0": {"a": "1.0", "b": "2"},
        "t1": {"b": "3"},
        "t2": {"b": "4"},
        "t3": {"b": "5"},
    }
    details = [detail for _, _, detail in rejects(tmp_path)]
    assert details[:3] == [
        "the property name b stands twice",
        "properties must be an object, not a number",
        "properties must be an object, not a number",
    ]
    assert details[4] == "the name customer_id stands twice"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("transaction_id;customer_id\n", "has none of the columns"),
        (f"{HEADER},timestamp\n", "two columns of one name: timestamp"),
        (HEADER.encode("utf-16"), "first record of e.csv, .* cannot be read: not UTF-8 at byte 1"),
    ],
)
def test_a_header_that_names_no_columns_lands_nothing(
    tmp_path: Path, data: bytes | str, words: str
) -> None:
    with pytest.raises(BursarError, match=words):
        land_file(tmp_path, "e.csv", data)


def test_a_csv_file_without_records_is_an_empty_batch(tmp_path: Path) -> None:
    for data in ("", "\n", HEADER + "\n"):
        assert land_file(tmp_path, "e.csv", data).manifest.counts.read == 0


# Parquet


def test_values_of_parquet_keep_their_digits(tmp_path: Path) -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
    values = {
        "decimal": (pa.array([Decimal("0.0000000010")], pa.decimal128(38, 10)), "0.0000000010"),
        "big": (pa.array([2**64 - 1], pa.uint64()), "18446744073709551615"),
        "double": (pa.array([0.1 + 0.2]), "0.30000000000000004"),
        "whole": (pa.array([3.0]), "3"),
        "single": (pa.array([0.1], pa.float32()), "0.1"),
        "yes": (pa.array([True]), "true"),
        "text": (pa.array(['é"\n']), 'é"\n'),
        "category": (pa.array(["x"]).dictionary_encode(), "x"),
        "bytes": (pa.array([b"abc"]), "abc"),
        "day": (pa.array([date(2026, 1, 2)]), "2026-01-02"),
        "moment": (pa.array([moment]), "2026-01-02T03:04:05.000006Z"),
        "list": (pa.array([[Decimal("1.10"), None]]), "[1.10,null]"),
        "none": (pa.array([None], pa.string()), None),
    }
    columns = {f"properties.{key}": array for key, (array, _) in values.items()}
    land_file(tmp_path, "e.parquet", row(**columns))
    assert one_event(tmp_path)["properties"] == {k: t for k, (_, t) in values.items() if t}


@pytest.mark.parametrize(
    "properties",
    [
        pa.array([[("a", "1.0"), ("b", None)]], pa.map_(pa.string(), pa.string())),
        pa.array([{"a": Decimal("1.0"), "b": None}]),
        pa.array(['{"a": 1.0, "b": null}']),
    ],
)
def test_properties_are_a_map_a_struct_or_json(tmp_path: Path, properties: pa.Array) -> None:
    land_file(tmp_path, "e.parquet", row(properties=properties))
    assert one_event(tmp_path)["properties"] == {"a": "1.0"}


def test_an_instant_needs_a_zone(tmp_path: Path) -> None:
    nanoseconds = 1769947200_999999999
    for unit, value in (("ns", nanoseconds), ("ms", 1769947200_999)):
        zoned = pa.array([value], pa.timestamp(unit, "America/New_York"))
        land_file(tmp_path, f"{unit}.parquet", row(timestamp=zoned, transaction_id=[unit]))
    stored = {r["transaction_id"]: r["timestamp"].microsecond for r in landed(tmp_path).accepted}
    assert stored == {"ns": 999999, "ms": 999000}
    land_file(tmp_path, "bare.parquet", row(timestamp=pa.array([1], pa.timestamp("us"))))
    [(number, reason, detail)] = rejects(tmp_path)
    assert (number, reason) == (1, "bad_timestamp")
    assert "needs a date, a time and `Z` or an offset" in detail


def test_a_bad_row_is_kept_as_json_with_its_number(tmp_path: Path) -> None:
    columns = {
        "transaction_id": ["a", "b", None, "d"],
        "customer_id": ["acme"] * 4,
        "event_type": ["use"] * 4,
        "timestamp": [AT] * 4,
        "extra": ["", "x", None, None],
        "properties.n": [1.5, None, None, float("nan")],
    }
    land_file(tmp_path, "e.parquet", parquet(columns))
    assert [r["transaction_id"] for r in landed(tmp_path).accepted] == ["a"]
    found = rejects(tmp_path)
    assert found[0] == (2, "malformed", "unknown field: extra")
    assert found[1] == (3, "missing_field", "transaction_id")
    assert (found[2][0], found[2][2]) == (4, "not JSON: NaN")
    raw = landed(tmp_path).rejected[0]["raw"]
    assert json.loads(raw) == {
        **event("b", properties={}),
        "extra": "x",
    }


@pytest.mark.parametrize("data", [b"", b"PAR1 and no more", row()[:-30], row()[:100] + row()[120:]])
def test_a_file_that_is_not_parquet_lands_nothing(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(BursarError, match=r"e.parquet cannot be read .* Nothing of this batch"):
        land_file(tmp_path, "e.parquet", data)
    assert landed(tmp_path).accepted == []
