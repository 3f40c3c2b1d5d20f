from __future__ import annotations

import json
from typing import Any

import pytest

from bursar.cli.doctor import doctor
from bursar.cli.output import Format
from bursar.landing.lock import landing_lock
from bursar.project import Project
from bursar.warehouse import lock


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
