"""Staging, the commit point, and recovery from a landing or compaction that died.

A batch is written under ``landing/_staging/<batch_id>/`` with its manifest, everything is synced,
the files are moved to their places, and at last the manifest is moved to ``landing/batches/``: that
rename is the commit. So a staging folder that still holds a manifest names exactly the files that a
dead landing may have moved, and recovery costs what was left over, not what was ever landed. A
compaction goes the same way, with a manifest of its own in ``landing/compactions/``.

Owns that order and nothing of what the files hold. The caller holds the landing lock.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import pyarrow.parquet as pq

from bursar.errors import BursarError
from bursar.landing import faults
from bursar.landing.compactions import Compaction, compaction_path, read_compaction
from bursar.landing.manifests import Manifest, manifest_path, read_manifest
from bursar.project import Project

_STAGING = "_staging"
_MANIFEST = "manifest.json"
_COMPACTION = "compaction.json"


def staging_folder(project: Project, batch_id: str) -> Path:
    """A new staging folder for the batch."""
    folder = project.landing / _STAGING / batch_id
    folder.mkdir(parents=True)
    return folder


def commit(project: Project, folder: Path, manifest: Manifest) -> None:
    """Makes a staged batch visible, entirely.

    Raises:
        BursarError: The staged files do not hold what the manifest says; nothing became visible.
    """
    _check(folder, manifest)
    destination = manifest_path(project, manifest.batch_id)
    _publish(project, folder, manifest, folder / _MANIFEST, destination)


def commit_compaction(project: Project, folder: Path, compaction: Compaction) -> None:
    """Makes readers see a staged merged file in place of those that it replaces."""
    destination = compaction_path(project, compaction.event_date)
    _publish(project, folder, compaction, folder / _COMPACTION, destination)


def _publish(
    project: Project,
    folder: Path,
    manifest: Manifest | Compaction,
    staged_manifest: Path,
    destination: Path,
) -> None:
    faults.reach("all-staged")
    for path in manifest.files:
        _sync(folder / path)
    _write_synced(staged_manifest, manifest.to_json())
    _sync(folder)
    _sync(folder.parent)
    faults.reach("manifest-staged")
    _move_files(project, folder, manifest.files)
    faults.reach("all-files-moved")
    _make_folder(destination.parent, project.root)
    staged_manifest.replace(destination)
    _sync(destination.parent)
    faults.reach("committed")
    shutil.rmtree(folder)
    faults.reach("cleaned")


def _move_files(project: Project, folder: Path, paths: Iterable[str]) -> None:
    folders = set()
    for path in paths:
        destination = project.root / path
        if destination.parent not in folders:
            _make_folder(destination.parent, project.root)
            folders.add(destination.parent)
        (folder / path).replace(destination)
        faults.reach("first-file-moved")
    for moved_to in folders:
        _sync(moved_to)


def recover(project: Project) -> None:
    """Takes back what landings that died have left: nothing of them is committed.

    A landing that died after its commit leaves an empty staging folder at most.
    """
    staging = project.landing / _STAGING
    if not staging.is_dir():
        return
    for folder in sorted(staging.iterdir()):
        for name, read in ((_MANIFEST, read_manifest), (_COMPACTION, read_compaction)):
            staged_manifest = folder / name
            if staged_manifest.exists():
                _remove(project.root / path for path in read(staged_manifest).files)
                # Last: killed before this, the next recovery starts over.
                staged_manifest.unlink()
        shutil.rmtree(folder)


def _remove(paths: Iterable[Path]) -> None:
    folders = set()
    for path in paths:
        if path.exists():
            path.unlink()
            folders.add(path.parent)
    for folder in folders:
        _sync(folder)


def _check(folder: Path, manifest: Manifest) -> None:
    """Counts the rows that really stand in the files: the equation holds there, or no commit."""
    accepted, duplicate, rejected, keys = (
        sum(pq.read_metadata(folder / path).num_rows for path in paths)
        for paths in (
            [file.path for file in manifest.event_files],
            manifest.duplicate_files,
            manifest.rejected_files,
            manifest.key_files,
        )
    )
    counts = manifest.counts
    written = (accepted, duplicate, rejected)
    if written != (counts.accepted, counts.duplicate, counts.rejected) or keys != accepted:
        raise _unequal(f"the files hold {written} and {keys} keys, the manifest says {counts}")
    if counts.read != sum(written):
        raise _unequal(f"{counts.read} lines were read, {sum(written)} have an outcome")


def _unequal(what: str) -> BursarError:
    return BursarError(
        f"The batch does not add up: {what}. Nothing of it was landed.",
        remedy="This is a fault of Bursar: please report it with the input file.",
    )


def _make_folder(folder: Path, root: Path) -> None:
    """Makes a folder so that it outlasts a power cut: each new one is synced in its parent."""
    missing = []
    while not folder.exists() and folder != root:
        missing.append(folder)
        folder = folder.parent
    for new in reversed(missing):
        new.mkdir()
        _sync(new.parent)


def _write_synced(path: Path, text: str) -> None:
    """Writes a whole file or none: aside, synced, renamed."""
    aside = path.with_name(path.name + ".tmp")
    aside.write_text(text, "utf-8")
    _sync(aside)
    aside.replace(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
