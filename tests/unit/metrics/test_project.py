"""Compiling a project writes what it must, deletes what is stale, and leaves the rest alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from bursar.errors import Severity
from bursar.metrics.definition import MetricClass, MetricForm
from bursar.metrics.project import compile_project, read_definitions
from bursar.project import Project

SAME = """/* ---
unit: token
--- */
SELECT SUM(CAST(Properties.n AS DECIMAL(38, 12))) AS VALUE -- the same
FROM EVENTS WHERE Event_Type = 'use';
"""
GOOD = "select sum(properties.n::decimal(38, 12)) as value from events where event_type = 'use'\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "metrics").mkdir()
    return Project(tmp_path)


def put(project: Project, name: str, text: str) -> None:
    (project.metrics / name).write_text(text, encoding="utf-8")


def files(project: Project) -> dict[str, str]:
    return {path.name: path.read_text() for path in project.compiled.iterdir()}


def test_without_metrics_every_shared_model_exists(project: Project) -> None:
    compile_project(project, write=True)
    assert set(files(project)) == {
        "_metrics.yml",
        "metric_definitions.sql",
        "metric_events.sql",
        "metric_number_failures.sql",
        "metric_quantities.sql",
    }


def test_a_second_compile_changes_nothing(project: Project) -> None:
    put(project, "tokens.sql", GOOD)
    assert compile_project(project, write=True).changed != ()
    assert compile_project(project, write=True).changed == ()


def test_a_check_reports_and_writes_nothing(project: Project) -> None:
    put(project, "tokens.sql", GOOD)
    assert "models/metrics/metric_tokens.sql" in compile_project(project, write=False).changed
    assert not project.compiled.exists()


def test_files_of_a_removed_metric_go_and_others_stay(project: Project) -> None:
    put(project, "tokens.sql", GOOD)
    compile_project(project, write=True)
    (project.compiled / "metric_mine.sql").write_text("select 1\n")
    (project.metrics / "tokens.sql").unlink()
    changed = compile_project(project, write=True).changed
    assert "models/metrics/metric_tokens.sql" in changed
    assert {"metric_tokens.sql", "metric_tokens.yml"} & set(files(project)) == set()
    assert "metric_mine.sql" in files(project)


def test_with_an_error_nothing_is_written(project: Project) -> None:
    put(project, "tokens.sql", GOOD)
    put(project, "broken.sql", "select")
    report = compile_project(project, write=True)
    assert report.has_errors
    assert not project.compiled.exists()


def test_reading_definitions_skips_a_broken_metric(project: Project) -> None:
    put(project, "tokens.sql", GOOD)
    put(project, "broken.sql", "select ((")
    (project.metrics / "bytes.yml").write_bytes(b"\xff\xfe")
    assert [definition.name for definition in read_definitions(project)] == ["tokens"]


def test_a_definition_says_what_is_read(project: Project) -> None:
    put(project, "tokens.sql", f"/* ---\nunit: token\ndescription: Tokens\n--- */\n{GOOD}")
    (found,) = read_definitions(project)
    assert (found.form, found.metric_class) == (MetricForm.SQL, MetricClass.ADDITIVE)
    assert (found.event_types, found.properties, found.number_properties) == (
        ("use",),
        ("n",),
        ("n",),
    )
    assert (found.unit, found.description) == ("token", "Tokens")


def test_the_version_follows_the_meaning_and_not_the_layout(project: Project) -> None:
    put(project, "a.sql", GOOD)
    put(project, "b.sql", SAME)
    put(project, "c.sql", GOOD.replace("sum", "max"))
    put(project, "d.yml", "aggregation: sum\nproperty: n\nevent_types: [use, other]\n")
    put(project, "e.yml", "unit: x\nevent_types: [other, use]\nproperty: n\naggregation: sum\n")
    hashes = {d.name: d.version_hash for d in read_definitions(project)}
    assert hashes["a"] == hashes["b"] != hashes["c"]
    assert hashes["d"] == hashes["e"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOOD, MetricClass.ADDITIVE),
        ("select count(*) filter (where event_type = 'a') as value from events", "additive"),
        ("select count(distinct event_type) as value from events", "distinct"),
        ("select max(properties.n::int) as value from events", "mergeable"),
        ("select latest(properties.n::int) as value from events", "mergeable"),
        ("select avg(properties.n::int) as value from events", "holistic"),
        ("select sum(properties.n::int) + 0 as value from events", "holistic"),
        ("select count(*) as value from events having count(*) > 0", "holistic"),
        ("select count(*) as value from (select * from events) as t", "holistic"),
        (
            "select count(*) filter (where timestamp > window_start()) as value from events",
            "holistic",
        ),
        (
            "select sum(properties.n::decimal(20, 12) * properties.m::decimal(18, 6)) as value"
            " from events",
            "holistic",
        ),
    ],
)
def test_only_what_adds_up_is_additive(project: Project, text: str, expected: str) -> None:
    put(project, "m.sql", text)
    (found,) = read_definitions(project)
    assert found.metric_class == expected


def test_a_project_that_has_landed_nothing_only_warns(project: Project) -> None:
    put(project, "tokens.sql", GOOD)
    assert {d.severity for d in compile_project(project, write=False).diagnostics} == {
        Severity.WARNING
    }


def test_what_every_metric_would_be_warned_of_is_said_once(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.metrics.mkdir()
    for name in ("one", "two"):
        text = "aggregation: sum\nevent_types: [use]\nproperty: n\n"
        (project.metrics / f"{name}.yml").write_text(text)
    (warning,) = compile_project(project, write=False).diagnostics
    assert (warning.path, warning.line) == ("metrics/", 0)
    assert warning.message.startswith("Nothing has landed yet")
