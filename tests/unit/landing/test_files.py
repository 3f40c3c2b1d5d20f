"""What stands on disk after a landing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import duckdb
import pyarrow.parquet as pq
import pytest

from bursar.errors import BursarError
from bursar.landing import BatchReport, LandOptions, batch, faults, land
from bursar.landing.judging import JudgedChunk, judge_chunk
from bursar.landing.lines import Bounds
from bursar.landing.manifests import manifest_path, read_manifest, read_manifests
from bursar.landing.readers.chunk import Chunk
from bursar.project import Project
from tests.support.landing import RECEIVED_AT, land_lines, landed, line

BACKFILL_DAYS = ("2025-11-30", "2026-01-31", "2026-02-01")


def mixed(root: Path) -> BatchReport:
    lines = [
        line(f"t{n}", timestamp=f"{day}T0{n % 10}:00:00Z", customer_id=f"c{n % 3}", event_type=kind)
        for n, (day, kind) in enumerate((d, k) for d in BACKFILL_DAYS for k in "baab")
    ]
    return land_lines(root, [*lines, lines[0], b"bad", b""], is_backfill=True)


def test_the_manifest_names_every_file_of_the_batch(tmp_path: Path) -> None:
    manifest = mixed(tmp_path).manifest
    standing = {
        path.relative_to(tmp_path).as_posix() for path in (tmp_path / "landing").rglob("*.parquet")
    }
    assert standing == set(manifest.files)
    name = manifest.batch_id
    assert name.startswith("20260203T000000Z-")
    assert manifest.files == (
        *(f"landing/events/event_date={day}/{name}.parquet" for day in BACKFILL_DAYS),
        f"landing/duplicates/{name}.parquet",
        f"landing/rejected/{name}.parquet",
        f"landing/keys/ingest_date=2026-02-03/{name}.parquet",
    )
    assert [(file.event_date, file.rows) for file in manifest.event_files] == [
        (day, 4) for day in BACKFILL_DAYS
    ]


def test_the_manifest_is_stable_json(tmp_path: Path) -> None:
    manifest = mixed(tmp_path).manifest
    content = json.loads(manifest_path(Project(tmp_path), manifest.batch_id).read_text())
    assert list(content) == [
        "version",
        "batch_id",
        "received_at",
        "is_backfill",
        "sources",
        "counts",
        "rejected_by_reason",
        "event_files",
        "duplicate_files",
        "rejected_files",
        "key_files",
        "properties_seen",
    ]
    assert content["version"] == 1
    assert content["received_at"] == "2026-02-03T00:00:00Z"
    assert content["sources"] == [{"path": "events.ndjson", "format": "ndjson", "lines": 14}]
    assert content["counts"] == {"read": 14, "accepted": 12, "duplicate": 1, "rejected": 1}
    assert content["rejected_by_reason"] == {"malformed": 1}
    assert content["properties_seen"] == [
        {"event_type": "a", "properties": ["n"]},
        {"event_type": "b", "properties": ["n"]},
    ]
    assert read_manifests(Project(tmp_path)) == [manifest]


def test_event_files_are_sorted_for_reading(tmp_path: Path) -> None:
    for file in mixed(tmp_path).manifest.event_files:
        table = pq.read_table(tmp_path / file.path, partitioning=None)
        order = [
            tuple(
                row[name] for name in ("event_type", "customer_id", "timestamp", "transaction_id")
            )
            for row in table.to_pylist()
        ]
        assert order == sorted(order)
        assert pq.read_metadata(tmp_path / file.path).row_group(0).column(0).compression == "ZSTD"


@pytest.mark.parametrize("promoted", [(), ("n",)])
def test_columns_have_the_types_that_models_read(tmp_path: Path, promoted: tuple[str, ...]) -> None:
    report = land_lines(tmp_path, [line("a"), line("a"), b"bad"], promoted=promoted)
    with duckdb.connect() as connection:

        def types(path: str) -> dict[str, str]:
            query = f"describe from read_parquet('{tmp_path / path}', hive_partitioning = false)"
            return {row[0]: row[1] for row in connection.execute(query).fetchall()}

        manifest = report.manifest
        assert types(manifest.event_files[0].path) == {
            "transaction_id": "VARCHAR",
            "customer_id": "VARCHAR",
            "event_type": "VARCHAR",
            "timestamp": "TIMESTAMP",
            "received_at": "TIMESTAMP",
            "batch_id": "VARCHAR",
            **{f"p_{key}": "VARCHAR" for key in promoted},
            "properties": "MAP(VARCHAR, VARCHAR)",
        }
        assert types(manifest.key_files[0]) == {
            "transaction_key": "UUID",
            "content_key": "UUID",
            "received_at": "TIMESTAMP",
            "batch_id": "VARCHAR",
        }
        assert types(manifest.duplicate_files[0]) == {
            "batch_id": "VARCHAR",
            "received_at": "TIMESTAMP",
            "source_file": "VARCHAR",
            "line_number": "BIGINT",
            "transaction_id": "VARCHAR",
            "customer_id": "VARCHAR",
            "event_type": "VARCHAR",
            "timestamp": "TIMESTAMP",
            "properties": "VARCHAR",
            "is_conflicting": "BOOLEAN",
            "first_received_at": "TIMESTAMP",
            "first_batch_id": "VARCHAR",
        }
        assert types(manifest.rejected_files[0]) == {
            "batch_id": "VARCHAR",
            "received_at": "TIMESTAMP",
            "source_file": "VARCHAR",
            "line_number": "BIGINT",
            "reason": "VARCHAR",
            "detail": "VARCHAR",
            "raw": "VARCHAR",
            "raw_bytes": "BLOB",
        }


def test_keys_are_a_hash_that_no_engine_version_changes(tmp_path: Path) -> None:
    land_lines(tmp_path, [line("a", customer_id="é", properties={"z": 1.5, "b": "x"})])
    [path] = (tmp_path / "landing" / "keys").rglob("*.parquet")
    with duckdb.connect() as connection:
        [row] = connection.execute(
            "select transaction_key, content_key from read_parquet(?)", [str(path)]
        ).fetchall()
    microseconds = 1_769_947_200_000_000
    content = f"2:é3:use{microseconds}:1:b1:x1:z3:1.5"
    assert row == tuple(UUID(hashlib.md5(text.encode()).hexdigest()) for text in ("a", content))


def test_staging_is_empty_afterwards(tmp_path: Path) -> None:
    mixed(tmp_path)
    assert list((tmp_path / "landing" / "_staging").iterdir()) == []


def test_a_full_disk_lands_nothing_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.replace
    moved: list[str] = []

    def full_after_two(self: Path, target: Path) -> Path:
        if "_staging" in self.parts and self.suffix == ".parquet":
            if len(moved) == 2:
                raise OSError(28, "No space left on device")
            moved.append(self.name)
        return real(self, target)

    monkeypatch.setattr(Path, "replace", full_after_two)
    with pytest.raises(BursarError, match=r"no space left on the disk.*Nothing of this batch"):
        mixed(tmp_path)
    monkeypatch.undo()
    assert list((tmp_path / "landing").rglob("*.parquet")) == []
    assert mixed(tmp_path).manifest.counts.accepted == 12


def test_a_failure_after_the_commit_says_that_the_batch_has_landed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(point: str) -> None:
        if point == "committed":
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(faults, "reach", failing)
    with pytest.raises(BursarError, match=r"has landed, whole.*Input/output error"):
        mixed(tmp_path)
    assert len(landed(tmp_path).accepted) == 12


def test_a_batch_that_does_not_add_up_is_not_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "_count", lambda *_: None)
    with pytest.raises(BursarError, match="does not add up"):
        mixed(tmp_path)
    assert landed(tmp_path).accepted == []
    assert list((tmp_path / "landing").rglob("*.parquet")) == []


def test_a_line_without_an_outcome_stops_the_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgetful(chunk: Chunk, promoted: Sequence[str], bounds: Bounds) -> JudgedChunk:
        judged = judge_chunk(chunk, promoted, bounds)
        return replace(judged, rejects=judged.rejects.slice(1))

    monkeypatch.setattr(batch, "judge_chunk", forgetful)
    with pytest.raises(BursarError, match="14 lines were read and 13 have an outcome"):
        mixed(tmp_path)
    assert read_manifests(Project(tmp_path)) == []


def test_an_interrupt_before_the_commit_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(point: str) -> None:
        if point == "all-files-moved":
            raise KeyboardInterrupt

    monkeypatch.setattr(faults, "reach", interrupted)
    with pytest.raises(KeyboardInterrupt):
        mixed(tmp_path)
    assert list((tmp_path / "landing").rglob("*.parquet")) == []
    assert list((tmp_path / "landing" / "_staging").iterdir()) == []


def test_a_damaged_manifest_is_told_and_not_passed_over(tmp_path: Path) -> None:
    project = Project(tmp_path)
    path = manifest_path(project, mixed(tmp_path).manifest.batch_id)
    whole = path.read_text()
    for damaged in (whole[:100], "[]", whole.replace('"counts"', '"count"')):
        path.write_text(damaged)
        with pytest.raises(BursarError, match="cannot be read"):
            read_manifest(path)
    path.write_text(whole.replace('"version": 1', '"version": 2'))
    with pytest.raises(BursarError, match="of version 2"):
        read_manifests(project)


def test_landing_works_on_a_project_whose_folder_has_odd_characters(tmp_path: Path) -> None:
    root = tmp_path / 'it\'s a "project" é'
    root.mkdir()
    (root / "e'1.ndjson").write_bytes(line("a") + b"\nbad")
    options = LandOptions(received_at=RECEIVED_AT)
    land(Project(root), [str(root / "e'1.ndjson")], options)
    land(Project(root), [str(root / "e'1.ndjson")], options)
    assert len(landed(root).duplicates) == 1
    assert landed(root).rejected[0]["source_file"] == "e'1.ndjson"
