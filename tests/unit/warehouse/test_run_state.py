from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from bursar.errors import BursarError, ExitCode
from bursar.landing import LandOptions, land
from bursar.project import Project
from bursar.warehouse import fingerprints, run_state

EVENT = (
    '{{"transaction_id":"{id}","customer_id":"c","event_type":"e",'
    '"timestamp":"2026-01-0{day}T00:00:00Z","properties":{{}}}}\n'
)


def land_line(project: Project, name: str, text: str, received_at: str) -> None:
    path = project.root / name
    path.write_text(text)
    land(
        project,
        [str(path)],
        LandOptions(received_at=datetime.fromisoformat(received_at), is_backfill=True),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-02-01", "2026-02-01T00:00:00Z"),
        ("2026-02-01T07:00:00Z", "2026-02-01T07:00:00Z"),
        ("2026-02-01T02:00:00+02:00", "2026-02-01T00:00:00Z"),
        ("2026-02-01T00:00:00.000001Z", "2026-02-01T00:00:00.000001Z"),
    ],
)
def test_as_of_is_read_as_an_instant_in_utc(text: str, expected: str) -> None:
    assert run_state.as_text(run_state.parse_as_of(text)) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "2026-02-30", "2026-02-01T00:00:00"])
def test_what_is_no_instant_is_bad_usage(text: str) -> None:
    with pytest.raises(BursarError, match="is no instant") as raised:
        run_state.parse_as_of(text)
    assert raised.value.exit_code is ExitCode.BAD_USAGE


def test_only_batches_received_by_as_of_are_counted(tmp_path: Path) -> None:
    project = Project(tmp_path)
    land_line(project, "a.ndjson", EVENT.format(id="1", day=1) + "oops\n", "2026-01-02T00:00:00Z")
    land_line(project, "b.ndjson", EVENT.format(id="1", day=1), "2026-01-03T00:00:00Z")
    before = run_state.observe(project, datetime(2026, 1, 2, tzinfo=UTC))
    after = run_state.observe(project, datetime(2026, 1, 3, tzinfo=UTC))
    assert (before.events_read, before.events_accepted, before.events_rejected) == (2, 1, 1)
    assert (after.events_read, after.events_duplicate) == (3, 1)
    assert before.fingerprints.events != after.fingerprints.events


def test_an_instant_without_a_zone_is_utc_and_another_zone_is_converted(tmp_path: Path) -> None:
    naive = datetime(2026, 1, 2)  # noqa: DTZ001 - the case
    elsewhere = datetime(2026, 1, 2, 5, tzinfo=timezone(timedelta(hours=5)))
    states = [run_state.observe(Project(tmp_path), instant) for instant in (naive, elsewhere)]
    assert {run_state.as_text(state.as_of) for state in states} == {"2026-01-02T00:00:00Z"}


def test_the_state_is_written_flat_for_the_model(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.warehouse.mkdir()
    state = run_state.observe(project, datetime(2026, 1, 2, tzinfo=UTC))
    run_state.write(project, state)
    written = json.loads((project.warehouse / "run.json").read_text())
    assert written["as_of"] == "2026-01-02T00:00:00Z"
    assert written["code_fingerprint"] == state.fingerprints.code
    assert written["events_read"] == 0


def test_a_changed_input_changes_its_own_fingerprint_only(tmp_path: Path) -> None:
    project = Project(tmp_path)
    before = fingerprints.take(project, [])
    for folder, file, kind in (
        (project.seeds, "customers.csv", "catalog"),
        (project.metrics, "tokens.sql", "metrics"),
        (project.metrics, "calls.yml", "metrics"),
        (project.ledger / "batches", "1-finalize.json", "ledger"),
        (project.ledger / "draws", "1-finalize.parquet", "ledger"),
        (project.root / "macros", "own.sql", "code"),
        (project.root / "models" / "own", "own.sql", "code"),
    ):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text("something")
        after = fingerprints.take(project, [])
        changed = [name for name, digest in vars(after).items() if digest != vars(before)[name]]
        assert changed == [kind]
        before = after


def test_what_a_killed_writer_left_is_no_input(tmp_path: Path) -> None:
    project = Project(tmp_path)
    before = fingerprints.take(project, [])
    for folder in (project.ledger / "draws", project.ledger / "_staging" / "1-finalize"):
        folder.mkdir(parents=True)
        (folder / "1-finalize.parquet").write_text("something")
    assert fingerprints.take(project, []) == before


def test_compiled_metrics_are_not_code(tmp_path: Path) -> None:
    project = Project(tmp_path)
    before = fingerprints.of_code(project)
    project.compiled.mkdir(parents=True)
    (project.compiled / "metric_tokens.sql").write_text("select 1")
    assert fingerprints.of_code(project) == before


def test_moving_text_between_two_files_changes_the_fingerprint(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.seeds.mkdir()
    first, second = project.seeds / "a.csv", project.seeds / "b.csv"
    first.write_text("xy")
    second.write_text("")
    before = fingerprints.take(project, []).catalog
    first.write_text("x")
    second.write_text("y")
    assert fingerprints.take(project, []).catalog != before
