"""A build on a disk that is really full publishes nothing; once there is room, it works."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bursar.errors import BursarError
from bursar.project import Project
from bursar.warehouse.build import build
from tests.support.monthly_books import monthly_books, run_instant
from tests.support.reading import read_once
from tests.support.small_disk import SmallDisk, full_from, small_disk

MEGABYTES = 40


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallDisk]:
    """With a project on it that is published."""
    folder = tmp_path_factory.mktemp("disk")
    with small_disk(folder, megabytes=MEGABYTES) as mounted:
        build(monthly_books(mounted.project / "books"), as_of=run_instant(0))
        yield mounted


@pytest.mark.slow
@pytest.mark.parametrize("point", ["build-prepared", "build-computed", "publish-checkpointed"])
def test_a_disk_that_fills_while_building_leaves_the_version_that_was(
    disk: SmallDisk, point: str
) -> None:
    project = Project(disk.project / "books")
    before = read_once(project.published_database)
    with full_from(disk, point):
        with pytest.raises(BursarError, match="nothing was published: no space left") as raised:
            build(project, as_of=run_instant(1))
        assert raised.value.remedy == (
            f"Make room on the disk of {project.warehouse}, and run this again."
        )
        assert read_once(project.published_database) == before
    build(project, as_of=run_instant(0))
    assert read_once(project.published_database)["built_at"] > before["built_at"]
    assert not list(project.warehouse.glob("*.tmp"))
