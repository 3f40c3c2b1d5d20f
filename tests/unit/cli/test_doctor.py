from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bursar.cli.doctor import doctor
from bursar.cli.output import Format
from bursar.landing.instants import datetime_to_instant
from bursar.landing.lock import landing_lock
from bursar.ledger.batches import FIRST, Batch, batches_folder
from bursar.listener.spool import SegmentWriter, make_spool_folder
from bursar.project import Project
from bursar.warehouse import lock
from bursar.warehouse.run_state import RUN_FILE, as_text
from tests.support.landing import land_lines, line

INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


def checks(project: Project, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    doctor(project_dir=project.root, output_format=Format.JSON)
    return {check["check"]: check for check in json.loads(capsys.readouterr().out)}


def test_a_fresh_project_is_told_to_land_and_build(
    unbuilt: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    found = checks(unbuilt, capsys)
    assert found["landing"]["next_step"] == "bursar events land PATH"
    assert found["published"]["next_step"] == "bursar build"
    assert "staleness" not in found
    doctor(project_dir=unbuilt.root)
    assert capsys.readouterr().err == "Next: bursar events land PATH\n"


def test_versions_and_paths_are_named(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    found = checks(project, capsys)
    assert found["project"]["detail"] == str(project.root)
    for name in ("bursar", "python", "duckdb", "dbt-core", "dbt-duckdb", "sqlglot"):
        assert f"{name} " in found["versions"]["detail"]


def test_a_changed_catalog_makes_the_warehouse_stale(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert checks(project, capsys)["staleness"]["state"] == "fine"
    extra = project.seeds / "extra.csv"
    extra.write_text("x\n")
    found = checks(project, capsys)["staleness"]
    extra.unlink()
    assert found["state"] == "news"
    assert found["detail"] == "changed since the last build: catalog"
    assert found["next_step"] == "bursar build"


def test_who_builds_or_lands_just_now_is_named(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    with lock.exclusive(project, "bursar run", lock.RUN_LOCK_FILE):
        with lock.exclusive(project, "bursar build"):
            held = checks(project, capsys)["locks"]["detail"]
        assert re.fullmatch(
            rf"run by bursar run, process {os.getpid()}, since {INSTANT} \(\d seconds? ago\);"
            rf" warehouse by bursar build, process {os.getpid()}, since {INSTANT}"
            r" \(\d seconds? ago\)",
            held,
        )
    with landing_lock(project.landing):
        assert "landing by process" in checks(project, capsys)["locks"]["detail"]
    assert checks(project, capsys)["locks"]["detail"] == "free"


def test_who_was_killed_with_a_lock_in_hand_is_named_until_the_next_takes_it(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    since = as_text(datetime.now(UTC) - timedelta(hours=5))
    left = {"pid": 812, "command": "bursar run", "since": since}
    path = project.warehouse / lock.RUN_LOCK_FILE
    path.write_text(json.dumps(left))
    found = checks(project, capsys)["locks"]
    assert (found["state"], found["detail"]) == (
        "news",
        f"free; killed while holding one: bursar run, process 812, since {since}",
    )
    assert found["next_step"] == "Run it again: it goes on from there."
    with lock.exclusive(project, "bursar run", lock.RUN_LOCK_FILE):
        assert "812" not in checks(project, capsys)["locks"]["detail"]
    assert checks(project, capsys)["locks"]["detail"] == "free"


def test_a_build_that_published_nothing_is_wrong(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert checks(project, capsys)["last build"]["detail"] == "published"
    path = project.warehouse / RUN_FILE
    before = path.read_text()
    begun = as_text(datetime.now(UTC))
    path.write_text(json.dumps(json.loads(before) | {"built_at": begun}))
    found = checks(project, capsys)["last build"]
    with lock.exclusive(project, "bursar build"):
        assert "last build" not in checks(project, capsys)
    path.write_text(before)
    assert (found["state"], found["next_step"]) == ("wrong", "bursar build")
    assert re.fullmatch(
        rf"begun {begun} \(\d+ seconds? ago\), as of 2026-02-03T00:00:00Z, and not published: it"
        " failed or was killed",
        found["detail"],
    )


def test_versions_and_what_a_killed_build_left_are_named(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    found = checks(project, capsys)["versions kept"]
    assert re.fullmatch(r"1 of at most 3 kept \(1\), \d+\.\d MB", found["detail"])
    left = project.warehouse / "published-2.duckdb.tmp"
    left.touch()
    found = checks(project, capsys)["versions kept"]
    left.unlink()
    assert found["state"] == "news"
    assert found["detail"].endswith("; a killed build left published-2.duckdb.tmp")


def test_a_link_that_leads_nowhere_is_told_from_a_first_build(
    unbuilt: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    unbuilt.warehouse.mkdir()
    unbuilt.published_database.symlink_to("published-7.duckdb")
    found = checks(unbuilt, capsys)["published"]
    assert found["detail"] == "published.duckdb leads to published-7.duckdb, which is gone"
    assert found["next_step"] == "bursar build"


def test_what_is_due_and_what_is_final_is_counted(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    """One draft was issued by 3 February."""
    found = checks(project, capsys)
    assert found["due"]["detail"] == "1 draft as of 2026-02-03T00:00:00Z"
    assert found["ledger"]["detail"] == "nothing is final yet"
    folder = batches_folder(project)
    folder.mkdir(parents=True)
    batch = Batch(1, "1-void", "void", "2026-02-04T00:00:00Z", "", FIRST, (), {"a": ""})
    path = folder / "1-void.json"
    batch = replace(batch, hash=batch.content_hash())
    path.write_text(batch.to_json())
    found = checks(project, capsys)["ledger"]
    assert found["detail"] == (
        "1 batch, 0 invoices; the last, void as of 2026-02-04T00:00:00Z, has hash"
        f" {batch.hash[:12]}"
    )
    path.write_text(batch.to_json().replace("02-04", "02-05"))
    found = checks(project, capsys)["ledger"]
    path.unlink()
    assert (found["state"], found["next_step"]) == ("wrong", "bursar ledger verify")


def test_a_catalog_that_is_wrong_does_not_hide_the_other_checks(
    unbuilt: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    (unbuilt.seeds / "customers.csv").write_text("customer,name\nacme,Acme\n")
    found = checks(unbuilt, capsys)
    assert found["catalog"]["state"] == "wrong"
    assert found["catalog"]["next_step"] == "bursar catalog check"
    assert found["published"]["state"] == "news"


def test_a_damaged_landed_file_is_wrong_and_named(
    unbuilt: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    land_lines(unbuilt.root, [line("a")])
    assert checks(unbuilt, capsys)["landed files"]["state"] == "fine"
    [event_file] = (unbuilt.landing / "events").rglob("*.parquet")
    event_file.unlink()
    found = checks(unbuilt, capsys)["landed files"]
    assert (found["state"], found["detail"]) == (
        "wrong",
        f"{unbuilt.relative(event_file)}: missing",
    )


def test_events_that_wait_for_a_listener_are_news(
    unbuilt: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "spool" not in checks(unbuilt, capsys)
    folder = make_spool_folder(unbuilt)
    assert checks(unbuilt, capsys)["spool"]["detail"] == "nothing waits to be landed"
    minutes_ago = datetime.now(UTC) - timedelta(minutes=5)
    writer = SegmentWriter(folder, datetime_to_instant(minutes_ago))
    writer.append(line("a") + b"\n", 1)
    words = "1 event waits to be landed, the oldest for 5 minutes"
    found = checks(unbuilt, capsys)["spool"]
    assert (found["state"], found["next_step"]) == ("news", "bursar events listen")
    assert found["detail"] == f"{words}, and no listener runs"
    with landing_lock(folder):
        found = checks(unbuilt, capsys)["spool"]
        assert (found["state"], found["detail"]) == ("fine", f"{words}; a listener runs")


def test_events_that_a_listener_cannot_land_for_hours_are_news(
    unbuilt: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_spool_folder(unbuilt)
    hours_ago = datetime.now(UTC) - timedelta(hours=3)
    writer = SegmentWriter(folder, datetime_to_instant(hours_ago))
    writer.append(line("a") + b"\n", 1)
    with landing_lock(folder):
        found = checks(unbuilt, capsys)["spool"]
    assert found["state"] == "news"
    assert "what the listener says" in found["next_step"]
