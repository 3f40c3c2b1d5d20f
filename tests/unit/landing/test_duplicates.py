from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bursar.landing.readers import chunk
from tests.support.landing import RECEIVED_AT, land_lines, landed, line

WINDOW = timedelta(days=34)
MICROSECOND = timedelta(microseconds=1)


def test_landing_the_same_file_again_accepts_nothing_new(tmp_path: Path) -> None:
    lines = [line(f"t{n}") for n in range(50)]
    first = land_lines(tmp_path, lines).manifest
    before = landed(tmp_path).accepted
    again = land_lines(tmp_path, lines, received_at=RECEIVED_AT + timedelta(hours=1))
    counts = again.manifest.counts
    assert (counts.read, counts.accepted, counts.duplicate) == (50, 0, 50)
    assert again.conflicting == 0
    after = landed(tmp_path)
    assert after.accepted == before
    assert {(row["first_batch_id"], row["first_received_at"]) for row in after.duplicates} == {
        (first.batch_id, RECEIVED_AT.replace(tzinfo=None))
    }


def test_a_repeat_in_the_same_batch_is_a_duplicate_of_the_earlier_line(tmp_path: Path) -> None:
    lines = [line("a", properties={"n": "1"}), line("b"), line("a", properties={"n": "2"})]
    lines += [line("a", properties={"n": "1"})]
    report = land_lines(tmp_path, lines)
    assert report.manifest.counts.duplicate == 2
    assert report.conflicting == 1
    found = landed(tmp_path)
    assert {row["transaction_id"]: row["properties"]["n"] for row in found.accepted} == {
        "a": "1",
        "b": "1",
    }
    assert [(row["line_number"], row["is_conflicting"]) for row in found.duplicates] == [
        (3, True),
        (4, False),
    ]
    assert {row["first_batch_id"] for row in found.duplicates} == {report.manifest.batch_id}


def test_a_duplicate_is_kept_as_it_was_sent(tmp_path: Path) -> None:
    land_lines(tmp_path, [line("a")])
    changed = line("a", customer_id="other", properties={"z": 0, "b": [1, 2], "a": "é"})
    land_lines(tmp_path, [changed])
    [row] = landed(tmp_path).duplicates
    assert (row["transaction_id"], row["customer_id"], row["event_type"]) == ("a", "other", "use")
    assert row["properties"] == '{"a":"é","b":"[1, 2]","z":"0"}'
    assert (row["source_file"], row["line_number"]) == ("events.ndjson", 1)


@pytest.mark.parametrize(
    ("changes", "is_conflicting"),
    [
        ({}, False),
        ({"timestamp": "2026-02-01T14:00:00.000000+02:00"}, False),
        ({"timestamp": "2026-02-01T12:00:00.0000004Z"}, False),
        ({"properties": {"b": "x", "n": "1"}}, False),
        ({"properties": {"n": 1, "b": "x", "z": None}}, False),
        ({"timestamp": "2026-02-01T12:00:00.000001Z"}, True),
        ({"customer_id": "acm"}, True),
        ({"event_type": "used"}, True),
        ({"properties": {"n": "1"}}, True),
        ({"properties": {"n": "1.0", "b": "x"}}, True),
        ({"properties": {"n": "1", "b": "X"}}, True),
        ({"properties": None}, True),
        ({"customer_id": "acmeu", "event_type": "se"}, True),
    ],
)
def test_a_duplicate_conflicts_when_its_content_differs(
    tmp_path: Path, changes: dict[str, Any], is_conflicting: bool
) -> None:
    same = {"properties": {"n": "1", "b": "x"}}
    land_lines(tmp_path, [line("a", **same)])
    report = land_lines(tmp_path, [line("a", **{**same, **changes})])
    assert report.conflicting == int(is_conflicting)
    [row] = landed(tmp_path).duplicates
    assert row["is_conflicting"] is is_conflicting


def test_properties_cannot_be_shifted_into_one_another_unnoticed(tmp_path: Path) -> None:
    land_lines(tmp_path, [line("a", properties={"k": "v1:x1:y"})])
    assert land_lines(tmp_path, [line("a", properties={"k": "v", "x": "y"})]).conflicting == 1


@pytest.mark.parametrize("sign", [1, -1])
def test_an_id_is_remembered_for_34_days_of_receipt(tmp_path: Path, sign: int) -> None:
    land_lines(tmp_path, [line("a")], is_backfill=True)
    edge = RECEIVED_AT + sign * WINDOW
    beyond = edge + sign * MICROSECOND
    late = "2025-12-01T00:00:00Z"
    inside = [line("a", timestamp=late)]
    counts = land_lines(tmp_path, inside, received_at=beyond, is_backfill=True).manifest.counts
    assert counts.accepted == 1
    counts = land_lines(tmp_path, inside, received_at=edge, is_backfill=True).manifest.counts
    assert counts.duplicate == 1


def test_a_duplicate_names_the_first_of_several_accepted(tmp_path: Path) -> None:
    first = land_lines(tmp_path, [line("a")], is_backfill=True)
    later = RECEIVED_AT + WINDOW + MICROSECOND
    land_lines(tmp_path, [line("a", customer_id="x")], received_at=later, is_backfill=True)
    between = RECEIVED_AT + timedelta(days=20)
    report = land_lines(tmp_path, [line("a")], received_at=between, is_backfill=True)
    assert report.conflicting == 0
    [row] = landed(tmp_path).duplicates
    assert row["first_batch_id"] == first.manifest.batch_id


def test_a_reject_does_not_use_up_its_id(tmp_path: Path) -> None:
    land_lines(tmp_path, [line("a", timestamp="never")])
    assert land_lines(tmp_path, [line("a")]).manifest.counts.accepted == 1


def test_ids_are_compared_exactly(tmp_path: Path) -> None:
    ids = ["a", "A", "a ", " a", "á", "a\u0301", "a\0", "a\0b"]
    counts = land_lines(tmp_path, [line(name) for name in ids]).manifest.counts
    assert counts.accepted == len(ids)


def test_the_way_a_line_is_written_does_not_matter(tmp_path: Path) -> None:
    plain = (
        b'{"transaction_id":"ab","customer_id":"c","event_type":"e",'
        b'"timestamp":"2026-02-01T12:00:00Z","properties":{"n":1.50}}'
    )
    escaped = plain.replace(b'"ab"', b'"\\u0061b"').replace(b'"c"', b'"\\u0063"')
    report = land_lines(tmp_path, [plain, escaped])
    assert report.manifest.counts.duplicate == 1
    assert report.conflicting == 0


def test_repeats_are_found_across_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import bursar.landing.readers.ndjson as reader

    monkeypatch.setattr(chunk, "CHUNK_LINES_MAX", 10)
    monkeypatch.setattr(reader, "_BLOCK_BYTES", 300)
    lines = [line(f"t{n % 30}", properties={"n": str(n)}) for n in range(100)]
    report = land_lines(tmp_path, lines)
    counts = report.manifest.counts
    assert (counts.read, counts.accepted, counts.duplicate) == (100, 30, 70)
    assert report.conflicting == 70
    assert len(report.manifest.event_files) > 1
    found = landed(tmp_path)
    assert {row["properties"]["n"] for row in found.accepted} == {str(n) for n in range(30)}
    assert sorted(row["line_number"] for row in found.duplicates) == list(range(31, 101))


def test_order_and_batches_of_arrival_change_nothing(tmp_path: Path) -> None:
    lines = [line(f"t{n}", timestamp=f"2026-02-01T{n % 24:02}:00:00Z") for n in range(60)]
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    whole.mkdir()
    parts.mkdir()
    land_lines(whole, lines)
    shuffled = random.Random(7).sample(lines, k=60)
    for start in range(0, 60, 13):
        land_lines(parts, shuffled[start : start + 13])

    def facts(root: Path) -> list[tuple[Any, ...]]:
        return sorted(
            (row["transaction_id"], row["timestamp"], row["customer_id"], str(row["properties"]))
            for row in landed(root).accepted
        )

    assert facts(whole) == facts(parts)
