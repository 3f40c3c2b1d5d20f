"""Handing a finished build to its readers, in one step.

Owns `warehouse/published-<n>.duckdb` and the link `warehouse/published.duckdb` to the newest one.
It leaves the question whether a build may be published to `bursar.warehouse.build`.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from bursar.project import Project
from bursar.warehouse import database

VERSIONS_KEPT = 3
_VERSION = re.compile(r"published-(\d+)\.duckdb")
_LINK_ASIDE = "published.duckdb.tmp"


def publish(project: Project) -> Path:
    """Copies the build's file and points the published link at the copy.

    A reader sees the old warehouse or the new one, never half of one; who has the old one open
    keeps it.

    Returns:
        The new version's file.
    """
    database.checkpoint(project)
    newest = max(versions(project), default=0) + 1
    path = project.warehouse / f"published-{newest}.duckdb"
    aside = path.with_name(f"{path.name}.tmp")
    shutil.copyfile(project.build_database, aside)
    _sync(aside)
    aside.replace(path)
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


def _point_link(project: Project, path: Path) -> None:
    link = project.warehouse / _LINK_ASIDE
    link.unlink(missing_ok=True)
    link.symlink_to(path.name)
    link.replace(project.published_database)
    _sync(project.warehouse)


def _prune(project: Project, newest: int) -> None:
    for number, path in versions(project).items():
        if number <= newest - VERSIONS_KEPT:
            path.unlink()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
