from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from bursar.landing.compact import CompactOptions, compact
from bursar.project import Project
from bursar.warehouse import landed_files
from tests.support.landing import RECEIVED_AT, land_lines, line


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    project.warehouse.mkdir()
    return project


def written(project: Project) -> dict[str, list[str]]:
    """The paths of all lines together."""
    landed = landed_files.observe(project)
    landed_files.write(project, landed.compactions, landed.manifests)
    lines = (project.warehouse / "landed.json").read_text().splitlines()
    parts = [json.loads(text) for text in lines]
    assert parts
    return {
        "events": [file["path"] for part in parts for file in part["event_files"]],
        "duplicates": [path for part in parts for path in part["duplicate_files"]],
        "rejected": [path for part in parts for path in part["rejected_files"]],
    }


def test_before_anything_has_landed_the_lists_are_empty(project: Project) -> None:
    assert written(project) == {"events": [], "duplicates": [], "rejected": []}


def test_compacted_files_stand_for_those_that_they_replace(project: Project) -> None:
    for batch in ("a", "b"):
        land_lines(project.root, [line(batch), line(batch), b"bad"])
    assert [len(paths) for paths in written(project).values()] == [2, 2, 2]
    compact(project, CompactOptions(now=RECEIVED_AT + timedelta(days=1)))
    land_lines(project.root, [line("c")])
    found = written(project)
    assert [len(paths) for paths in found.values()] == [2, 2, 2]
    assert sum("/compacted-" in path for path in found["events"]) == 1


def test_many_files_are_told_in_parts(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    days = [line(f"t{n}", timestamp=f"2026-01-{10 + n}T00:00:00Z") for n in range(5)]
    land_lines(project.root, [*days, b"bad"])
    whole = written(project)
    monkeypatch.setattr(landed_files, "_FILES_A_LINE", 2)
    assert written(project) == whole
    assert len((project.warehouse / "landed.json").read_text().splitlines()) == 3
