"""Files that a dying machine has left torn: what recovers does, what cannot is named."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bursar.errors import BursarError
from bursar.landing.compact import CompactOptions, compact
from bursar.landing.compactions import compaction_path
from bursar.landing.integrity import Damage, damaged_files
from bursar.landing.lookup import trace
from bursar.landing.manifests import manifest_path, read_manifests
from bursar.project import Project
from tests.faults import test_killed_compaction, test_killed_landing
from tests.support.books import accepted_events, check_batches, check_nothing_superfluous
from tests.support.landing import RECEIVED_AT, land_lines, line
from tests.support.small_project import small_project

killed_landing = test_killed_landing.root
killed_compaction = test_killed_compaction.root
RESTORE = "Restore what is named from your backup of landing/, and run this again."


def garbage(path: Path) -> None:
    path.write_bytes(os.urandom(path.stat().st_size))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


TEARS = (garbage, cut, empty)


@pytest.mark.parametrize("tear", TEARS)
def test_a_torn_manifest_of_a_batch_that_was_not_committed_is_taken_back(
    killed_landing: Path, tear: Callable[[Path], None]
) -> None:
    with test_killed_landing.start(killed_landing, "all-files-moved") as lander:
        assert lander.wait(60) == -signal.SIGKILL
    [staged] = (killed_landing / "landing" / "_staging").glob("*/manifest.json")
    tear(staged)
    test_killed_landing.check_recovery(killed_landing)
    check_batches(killed_landing)


@pytest.mark.parametrize("tear", TEARS)
def test_a_torn_manifest_of_a_compaction_that_was_not_committed_is_taken_back(
    killed_compaction: Path, tear: Callable[[Path], None]
) -> None:
    with test_killed_compaction.start(killed_compaction, "all-files-moved") as compacter:
        assert compacter.wait(60) == -signal.SIGKILL
    [staged] = (killed_compaction / "landing" / "_staging").glob("*/compaction.json")
    tear(staged)
    test_killed_compaction.check_recovery(killed_compaction)
    check_batches(killed_compaction)


def test_torn_files_of_a_batch_that_was_not_committed_are_taken_back(killed_landing: Path) -> None:
    with test_killed_landing.start(killed_landing, "all-files-moved") as lander:
        assert lander.wait(60) == -signal.SIGKILL
    [committed] = read_manifests(Project(killed_landing))
    for path in (killed_landing / "landing").rglob("*.parquet"):
        if path.relative_to(killed_landing).as_posix() not in committed.files:
            cut(path)
    test_killed_landing.check_recovery(killed_landing)
    check_batches(killed_landing)


def test_a_torn_file_that_no_manifest_names_disturbs_nobody(tmp_path: Path) -> None:
    land_lines(tmp_path, [line("a")])
    [event_file] = (tmp_path / "landing" / "events").rglob("*.parquet")
    event_file.with_name("stray.parquet").write_bytes(b"PAR1 torn")
    land_lines(tmp_path, [line("b")])
    compact(Project(tmp_path), CompactOptions(now=RECEIVED_AT + timedelta(days=1)))
    assert [row[0] for row in accepted_events(tmp_path)] == ["a", "b"]
    assert damaged_files(Project(tmp_path)) == []


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Two batches of one day with a file of each kind."""
    for batch in ("a", "b"):
        land_lines(tmp_path, [line(batch), line(batch), b"bad"])
    return Project(tmp_path)


def landed_file(project: Project, kind: str) -> Path:
    return min((project.landing / kind).rglob("*.parquet"))


@pytest.mark.parametrize("tear", [*TEARS, Path.unlink])
@pytest.mark.parametrize("kind", ["events", "keys", "duplicates", "rejected"])
def test_a_damaged_file_is_found_and_named(
    project: Project, kind: str, tear: Callable[[Path], None]
) -> None:
    path = landed_file(project, kind)
    tear(path)
    [damage] = damaged_files(project)
    assert damage.path == project.relative(path)
    assert damage.problem


def test_a_file_with_other_rows_than_its_manifest_says_is_damaged(project: Project) -> None:
    first = landed_file(project, "events")
    batch = land_lines(project.root, [line("c"), line("d")]).manifest
    first.write_bytes((project.root / batch.event_files[0].path).read_bytes())
    problem = "2 rows, and 1 by the manifest"
    assert damaged_files(project) == [Damage(project.relative(first), problem)]


def test_a_landing_over_damaged_keys_lands_nothing_and_names_all_of_them(project: Project) -> None:
    torn = sorted((project.landing / "keys").rglob("*.parquet"))
    for path in torn:
        cut(path)
    with pytest.raises(BursarError, match="Nothing of this batch was landed") as caught:
        land_lines(project.root, [line("c")])
    assert "2 landed files are damaged" in caught.value.message
    assert all(project.relative(path) in caught.value.message for path in torn)
    assert caught.value.remedy == RESTORE
    assert len(read_manifests(project)) == 2


def test_a_compaction_over_a_damaged_file_replaces_nothing_and_names_it(project: Project) -> None:
    path = landed_file(project, "events")
    cut(path)
    with pytest.raises(BursarError, match="could not be compacted") as caught:
        compact(project, CompactOptions(now=RECEIVED_AT + timedelta(days=1)))
    assert project.relative(path) in caught.value.message
    assert caught.value.remedy == RESTORE
    assert not compaction_path(project, "2026-02-01").exists()


def test_the_history_of_an_event_in_a_damaged_file_names_it(project: Project) -> None:
    paths = list((project.landing / "events").rglob("*.parquet"))
    for path in paths:
        cut(path)
    with pytest.raises(BursarError, match="cannot be told") as caught:
        trace(project, "a")
    assert all(project.relative(path) in caught.value.message for path in paths)


def test_a_restored_file_makes_everything_whole(project: Project) -> None:
    path = landed_file(project, "keys")
    backup = path.read_bytes()
    cut(path)
    with pytest.raises(BursarError):
        land_lines(project.root, [line("c")])
    path.write_bytes(backup)
    land_lines(project.root, [line("c")])
    assert [row[0] for row in accepted_events(project.root)] == ["a", "b", "c"]
    check_batches(project.root)
    check_nothing_superfluous(project.root)


@pytest.mark.parametrize("tear", TEARS)
def test_a_torn_manifest_stops_everything_and_is_named(
    project: Project, tear: Callable[[Path], None]
) -> None:
    [first, _] = read_manifests(project)
    path = manifest_path(project, first.batch_id)
    tear(path)
    for attempt in (
        lambda: land_lines(project.root, [line("c")]),
        lambda: damaged_files(project),
        lambda: trace(project, "a"),
    ):
        with pytest.raises(BursarError) as caught:
            attempt()
        assert str(path) in caught.value.message
        assert "Restore it from a backup" in caught.value.remedy


@pytest.mark.slow
def test_a_build_over_a_damaged_file_publishes_nothing_and_names_it(tmp_path: Path) -> None:
    from bursar.warehouse.build import build

    model = "{{ landed_relation('rejected', {'raw': 'varchar'}) }}"
    project = small_project(tmp_path, {"marts/rejects.sql": model})
    land_lines(project.root, [b"bad"])
    path = landed_file(project, "rejected")
    cut(path)
    with pytest.raises(BursarError, match="Nothing was built or published") as caught:
        build(project)
    assert project.relative(path) in caught.value.message
    assert caught.value.remedy == RESTORE
    assert not project.published_database.exists()
