from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from bursar.project import Project
from bursar.warehouse import publish


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path)
    project.warehouse.mkdir()
    with duckdb.connect(str(project.build_database)) as connection:
        connection.execute("create table t as select 1 as x")
    return project


def test_the_newest_three_versions_are_kept(project: Project) -> None:
    for _ in range(5):
        publish.publish(project)
    assert sorted(publish.versions(project)) == [3, 4, 5]
    assert project.published_database.resolve().name == "published-5.duckdb"


def test_versions_are_counted_as_numbers_not_as_text(project: Project) -> None:
    (project.warehouse / "published-9.duckdb").touch()
    (project.warehouse / "published-10.duckdb").touch()
    assert publish.publish(project).name == "published-11.duckdb"


def test_a_link_that_leads_nowhere_is_replaced(project: Project) -> None:
    project.published_database.symlink_to("published-7.duckdb")
    publish.publish(project)
    assert project.published_database.exists()


def test_half_written_files_are_removed_and_versions_are_not(project: Project) -> None:
    published = publish.publish(project)
    half = [project.warehouse / name for name in ("published-2.duckdb.tmp", "run.tmp")]
    for path in half:
        path.touch()
    publish.remove_leftovers(project)
    assert published.exists()
    assert not any(path.exists() for path in half)


def test_nobody_may_write_to_a_published_version(project: Project) -> None:
    assert publish.publish(project).stat().st_mode & 0o222 == 0


def test_a_published_version_is_whole_without_a_write_ahead_log(project: Project) -> None:
    published = publish.publish(project)
    assert not list(project.warehouse.glob("*.wal"))
    with duckdb.connect(str(published), read_only=True) as connection:
        assert connection.execute("select x from t").fetchall() == [(1,)]
