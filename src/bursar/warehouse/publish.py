"""Handing a finished build to its readers, in one step.

Owns `warehouse/published-<n>.duckdb` and the link `warehouse/published.duckdb` to the newest one.
It leaves the question whether a build may be published to `bursar.warehouse.build`.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from bursar.landing import faults
from bursar.landing.durable import sync
from bursar.project import Project
from bursar.warehouse import database

VERSIONS_KEPT = 3
_VERSION = re.compile(r"published-(\d+)\.duckdb")
_LINK_ASIDE = "published.duckdb.tmp"
# Many tools open for writing unless told otherwise: one of them would lock all others out, and
# could change what is published.
_READ_ONLY = 0o444


def publish(project: Project) -> Path:
    """Copies the build's file and points the published link at the copy.

    A reader sees the old warehouse or the new one, never half of one; who has the old one open
    keeps it.

    Returns:
        The new version's file.

    Raises:
        OSError: The disk is full, or the folder cannot be written.
    """
    database.checkpoint(project)
    faults.reach("publish-checkpointed")
    newest = max(versions(project), default=0) + 1
    path = project.warehouse / f"published-{newest}.duckdb"
    _copy(project.build_database, path)
    sync(project.warehouse)
    _point_link(project, path)
    _prune(project, newest)
    return path


def versions(project: Project) -> dict[int, Path]:
    """The published versions that are still there, by number."""
    found = ((_VERSION.fullmatch(p.name), p) for p in project.warehouse.glob("published-*.duckdb"))
    return {int(match[1]): path for match, path in found if match}


def remove_leftovers(project: Project) -> None:
    """Deletes what a killed build has left half written. Only for the holder of the build lock."""
    for path in project.warehouse.glob("*.tmp"):
        path.unlink()


def _copy(source: Path, path: Path) -> None:
    """A whole file under its name, or none: aside, synced, renamed."""
    aside = path.with_name(f"{path.name}.tmp")
    try:
        shutil.copyfile(source, aside)
        aside.chmod(_READ_ONLY)
        faults.reach("publish-copied")
        sync(aside)
        faults.reach("publish-synced")
    except OSError:
        # Half a copy on a full disk would be in the way of whoever makes room.
        aside.unlink(missing_ok=True)
        raise
    aside.replace(path)
    faults.reach("publish-renamed")


def _point_link(project: Project, path: Path) -> None:
    link = project.warehouse / _LINK_ASIDE
    link.unlink(missing_ok=True)
    link.symlink_to(path.name)
    faults.reach("publish-link-made")
    link.replace(project.published_database)
    faults.reach("publish-link-moved")
    sync(project.warehouse)
    faults.reach("publish-linked")


def _prune(project: Project, newest: int) -> None:
    for number, path in versions(project).items():
        if number <= newest - VERSIONS_KEPT:
            path.unlink()
            faults.reach("publish-pruned")
