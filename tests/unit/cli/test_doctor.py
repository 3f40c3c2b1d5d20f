from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bursar.cli.doctor import doctor
from bursar.cli.output import Format
from bursar.landing.instants import datetime_to_instant
from bursar.landing.lock import landing_lock
from bursar.listener.spool import SegmentWriter, make_spool_folder
from bursar.project import Project
from bursar.warehouse import lock
from tests.support.landing import land_lines, line


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
    with lock.exclusive(project, "bursar build"):
        assert "warehouse by bursar build, process" in checks(project, capsys)["locks"]["detail"]
    with landing_lock(project.landing):
        assert "landing by process" in checks(project, capsys)["locks"]["detail"]
    assert checks(project, capsys)["locks"]["detail"] == "free"


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
