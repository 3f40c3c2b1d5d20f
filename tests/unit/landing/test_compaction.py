"""Merging a day's files changes no row, and readers see each event once."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from bursar.errors import BursarError
from bursar.landing import compact, merging
from bursar.landing.compact import GRACE, CompactOptions, CompactReport
from bursar.landing.compactions import compaction_path, event_files, read_compaction
from bursar.landing.deduplication import history_key_files
from bursar.landing.instants import datetime_to_instant
from bursar.landing.integrity import damaged_files
from bursar.landing.key_compactions import read_key_compactions
from bursar.landing.lookup import status, trace
from bursar.project import Project
from bursar.properties import property_column
from tests.support.books import check_batches
from tests.support.landing import RECEIVED_AT, land_lines, line

NOW = datetime(2026, 2, 4, tzinfo=UTC)


def run(root: Path, **options: Any) -> CompactReport:
    return compact.compact(Project(root), CompactOptions(**{"now": NOW, **options}))


def events(root: Path) -> list[dict[str, Any]]:
    """Every event as readers see it, its properties whole, in a fixed order."""
    found = []
    for file in event_files(Project(root)):
        with duckdb.connect() as connection:
            relation = connection.read_parquet(str(root / file.path), hive_partitioning=False)
            for values in relation.fetchall():
                row = dict(zip(relation.columns, values, strict=True))
                for pair in file.promoted:
                    text = row.pop(pair.column)
                    if text is not None:
                        row["properties"][pair.property] = text
                found.append(row)
    return sorted(found, key=lambda row: (row["transaction_id"], row["received_at"]))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three batches of two days, with different columns, and one id accepted twice."""
    properties = {"model": "opus", "it's": "", "n": 1}
    for batch, promoted in enumerate([(), ("model",), ("it's", "absent")]):
        lines = [
            line(
                f"t{batch}-{n}",
                customer_id=f"c{n % 3}",
                timestamp=f"2026-02-0{1 + n % 2}T12:00:0{n}Z",
                properties=properties if n % 3 else {},
            )
            for n in range(8)
        ]
        received_at = RECEIVED_AT + timedelta(seconds=batch)
        land_lines(tmp_path, lines, received_at=received_at, promoted=promoted)
    again = line("t0-0", timestamp="2026-02-01T12:00:00Z", properties={"model": "x"})
    late = RECEIVED_AT + timedelta(days=40)
    land_lines(tmp_path, [again], received_at=late, is_backfill=True)
    return tmp_path


def test_no_row_changes_and_each_day_is_one_sorted_file(root: Path) -> None:
    before = events(root)
    report = run(root, promoted=("n",))
    assert [(day.event_date, day.files, day.rows) for day in report.days] == [
        ("2026-02-01", 4, 13),
        ("2026-02-02", 3, 12),
    ]
    assert events(root) == before
    for file in event_files(Project(root)):
        assert [pair.property for pair in file.promoted] == ["absent", "it's", "model", "n"]
        with duckdb.connect() as connection:
            rows = connection.read_parquet(str(root / file.path), hive_partitioning=False)
            assert rows.columns[:6] == [
                "transaction_id",
                "customer_id",
                "event_type",
                "timestamp",
                "received_at",
                "batch_id",
            ]
            assert rows.columns[6:] == [
                *(property_column(key) for key in ("absent", "it's", "model", "n")),
                "properties",
            ]
            order = rows.project('event_type, customer_id, "timestamp", transaction_id').fetchall()
        assert order == sorted(order)


def test_a_second_compaction_has_nothing_to_do(root: Path) -> None:
    run(root)
    assert run(root).days == ()


def test_what_landed_later_is_merged_into_the_days_file(root: Path) -> None:
    run(root)
    land_lines(root, [line("late")], received_at=RECEIVED_AT + timedelta(hours=1))
    before = events(root)
    assert [(day.files, day.rows) for day in run(root).days] == [(2, 14)]
    assert events(root) == before
    assert len(read_compaction(compaction_path(Project(root), "2026-02-01")).replaces) == 6


def test_a_landing_still_finds_duplicates_of_merged_events(root: Path) -> None:
    run(root)
    report = land_lines(root, [line("t1-1"), line("new")], received_at=RECEIVED_AT)
    assert (report.manifest.counts.duplicate, report.manifest.counts.accepted) == (1, 1)


def test_days_with_fewer_files_are_left_but_for_promotion(root: Path) -> None:
    assert [day.event_date for day in run(root, files_min=4).days] == ["2026-02-01"]
    assert run(root, files_min=4, promoted=()).days == ()
    assert len(run(root, files_min=4, promoted=("n",)).days) == 2


def test_one_day_alone_can_be_asked_for(root: Path) -> None:
    assert [day.event_date for day in run(root, day="2026-02-02", files_min=9).days] == [
        "2026-02-02"
    ]
    assert run(root, day="2020-01-01").days == ()


def test_an_event_is_found_and_counted_after_a_compaction(root: Path) -> None:
    project = Project(root)
    counted = status(project).accepted_by_day
    run(root)
    found = trace(project, "t1-1")
    assert [(line.outcome, line.customer_id) for line in found] == [("accepted", "c1")]
    assert "compacted-" in found[0].place
    assert len(trace(project, "t0-0")) == 2
    assert status(project).accepted_by_day == counted


def standing(root: Path) -> set[str]:
    folder = root / "landing" / "events"
    return {path.relative_to(root).as_posix() for path in folder.rglob("*.parquet")}


def test_replaced_files_are_removed_after_a_grace(root: Path) -> None:
    before = standing(root)
    run(root)
    assert run(root, now=NOW + GRACE - timedelta(seconds=1)).files_removed == 0
    assert before <= standing(root)
    rows = events(root)
    assert run(root, now=NOW + GRACE).files_removed == len(before)
    assert standing(root) == {file.path for file in event_files(Project(root))}
    assert events(root) == rows


def test_replaced_files_stay_while_the_published_warehouse_may_read_them(root: Path) -> None:
    run(root)
    published = root / "warehouse" / "published.duckdb"
    published.parent.mkdir()
    published.touch()
    late = NOW + 10 * GRACE
    os.utime(published, (NOW.timestamp(), NOW.timestamp()))
    assert run(root, now=late).files_removed == 0
    later = (NOW + GRACE).timestamp()
    os.utime(published, (later, later))
    assert run(root, now=late).files_removed > 0


def test_a_merge_that_would_change_a_row_is_not_seen(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = events(root)
    rows = merging._rows
    monkeypatch.setattr(
        merging, "_rows", lambda *given: rows(*given).replace("customer_id", "'x' as customer_id")
    )
    with pytest.raises(BursarError, match="does not hold the events of its day"):
        run(root)
    assert events(root) == before
    assert standing(root) == {file.path for file in event_files(Project(root))}
    assert list((root / "landing" / "_staging").iterdir()) == []


def test_a_damaged_file_is_named_and_nothing_changes(root: Path) -> None:
    path = event_files(Project(root))[0].path
    (root / path).write_bytes(b"not Parquet")
    words = r"2026-02-01 could not be compacted\. 1 landed file is damaged: .*\.parquet"
    with pytest.raises(BursarError, match=words):
        run(root, day="2026-02-01")
    assert not compaction_path(Project(root), "2026-02-01").exists()


def test_nothing_landed_is_nothing_to_compact(tmp_path: Path) -> None:
    assert run(tmp_path) == CompactReport((), 0, 0)
    assert event_files(Project(tmp_path)) == []


def test_a_damaged_compaction_manifest_is_named(root: Path) -> None:
    run(root)
    compaction_path(Project(root), "2026-02-01").write_text("{")
    with pytest.raises(BursarError, match=r"2026-02-01\.json cannot be read"):
        event_files(Project(root))


def key_files(root: Path) -> set[str]:
    folder = root / "landing" / "keys"
    return {path.relative_to(root).as_posix() for path in folder.rglob("*.parquet")}


def test_the_key_files_of_a_day_of_receipt_become_one(root: Path) -> None:
    project = Project(root)
    before = key_files(root)
    assert run(root).key_files_merged == 3
    [compaction] = read_key_compactions(project)
    assert compaction.rows == 24
    assert set(compaction.replaces) == {path for path in before if "2026-02-03" in path}
    assert history_key_files(project, datetime_to_instant(NOW)) == [root / compaction.path]
    check_batches(root)
    assert damaged_files(project) == []
    assert run(root).key_files_merged == 0


def test_replaced_key_files_are_removed_after_a_grace(root: Path) -> None:
    run(root)
    run(root, now=NOW + GRACE - timedelta(seconds=1))
    assert len(key_files(root)) == 5  # one is of another day of receipt
    run(root, now=NOW + GRACE)
    assert len(key_files(root)) == 2
    assert {one.path for one in read_key_compactions(Project(root))} < key_files(root)
    assert [line.outcome for line in trace(Project(root), "t1-1")] == ["accepted"]
    check_batches(root)


def test_a_repeat_is_known_by_a_merged_key(root: Path) -> None:
    run(root)
    counts = land_lines(root, [line("t1-1"), line("new")], received_at=NOW).manifest.counts
    assert (counts.accepted, counts.duplicate) == (1, 1)
    assert run(root, now=NOW + timedelta(hours=1)).key_files_merged == 0  # another day of receipt
    land_lines(root, [line("newer")], received_at=NOW + timedelta(minutes=1))
    assert run(root, now=NOW + timedelta(hours=1)).key_files_merged == 2


def test_a_merged_key_outside_of_the_window_is_not_remembered(tmp_path: Path) -> None:
    for hour, name in enumerate(("a", "b")):
        land_lines(tmp_path, [line(name)], received_at=RECEIVED_AT + timedelta(hours=hour))
    run(tmp_path)
    late = RECEIVED_AT + timedelta(days=34, minutes=30)
    lines = [line(name, timestamp="2026-03-09T00:00:00Z") for name in ("a", "b")]
    counts = land_lines(tmp_path, lines, received_at=late).manifest.counts
    assert (counts.accepted, counts.duplicate) == (1, 1)


def test_a_day_whose_keys_were_merged_is_merged_again_with_what_came_since(root: Path) -> None:
    run(root)
    land_lines(root, [line("later")], received_at=RECEIVED_AT + timedelta(hours=2))
    assert run(root, now=NOW + timedelta(hours=1)).key_files_merged == 2
    [compaction] = read_key_compactions(Project(root))
    assert (compaction.rows, len(compaction.batch_ids), len(compaction.replaces)) == (25, 4, 5)
    check_batches(root)
