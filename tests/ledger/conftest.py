"""A small project before and after its finalization, built once for all tests of the ledger.

Two contracts at $1 a unit. Contract k used 520 units in January: a prepaid balance paid $400 of
them, the other $120 count towards an obligation of $400 that ends on 3 February and is trued up on
that day. Contract k2 used 50 units, and is charged $10 on 4 February.
A test that changes anything does so in a copy.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bursar.ledger.finalizing import finalize
from bursar.ledger.voiding import void
from bursar.project import Project
from bursar.warehouse.build import build
from tests.ledger.figures import (
    FEBRUARY_3,
    FEBRUARY_4,
    FEBRUARY_5,
    FEBRUARY_6,
    FEBRUARY_7,
    MARCH_3,
    Row,
    billed,
    land_usage,
    new_books,
)


@pytest.fixture(scope="session")
def drafts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, dict[str, list[Row]]]:
    """Built as of 4 February, nothing finalized; with what was billed as of the 3rd."""
    project = new_books(tmp_path_factory.mktemp("ledger") / "project")
    land_usage(project, "c1", "2026-01-05T06:00:00Z", 500, received_at=FEBRUARY_3)
    land_usage(project, "c2", "2026-01-05T06:00:00Z", 50, received_at=FEBRUARY_3)
    build(project, as_of=FEBRUARY_3)
    as_of_the_3rd = billed(project)
    land_usage(project, "c1", "2026-01-06T06:00:00Z", 20, received_at=FEBRUARY_4)
    build(project, as_of=FEBRUARY_4)
    return project, as_of_the_3rd


@pytest.fixture
def drafted(drafts: tuple[Project, object], tmp_path: Path) -> Project:
    """A copy in which both January invoices are due, and the true-up is held."""
    return copied(drafts[0], tmp_path / "drafted")


@pytest.fixture
def finalized(drafted: Project) -> Project:
    """A copy in which both January invoices are final as of 4 February, not yet built again."""
    finalize(drafted)
    return drafted


@pytest.fixture(scope="session")
def voided_twice(
    drafts: tuple[Project, object], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Project, dict[str, list[Row]]]:
    """k's January invoice made anew twice, k2's void; built as of 3 March, and all finalized.

    Beside it what was billed as of 6 February, after the first regeneration.
    """
    project = copied(drafts[0], tmp_path_factory.mktemp("voided") / "project")
    finalize(project)
    land_usage(project, "c1", "2026-01-07T06:00:00Z", 100, received_at=FEBRUARY_5)
    void(project, "k:usage:2026-01-01", "usage came late", FEBRUARY_5, regenerate=True)
    void(project, "k2:usage:2026-01-01", "was a test", FEBRUARY_5)
    build(project, as_of=FEBRUARY_6)
    as_of_the_6th = billed(project)
    finalize(project)
    void(project, "k:usage:2026-01-01:r2", "once more", FEBRUARY_7, regenerate=True)
    build(project, as_of=MARCH_3)
    finalize(project)
    return project, as_of_the_6th


def copied(project: Project, root: Path) -> Project:
    """The same project elsewhere."""
    shutil.copytree(project.root, root, symlinks=True)
    return Project(root)
