"""Staging, the commit point, and recovery from a landing or compaction that died.

A batch is written under ``landing/_staging/<batch_id>/`` with its manifest, everything is synced,
the files are moved to their places, and at last the manifest is moved to ``landing/batches/``: that
rename is the commit. So a staging folder that still holds a manifest names exactly the files that a
dead landing may have moved, and recovery costs what was left over, not what was ever landed. A
compaction goes the same way, with a manifest of its own in ``landing/compactions/`` or
``landing/key_compactions/``.

Owns that order and nothing of what the files hold. The caller holds the landing lock.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import pyarrow.parquet as pq

from bursar.errors import BursarError
from bursar.landing import faults
from bursar.landing.compactions import Compaction, compaction_path, read_compaction
from bursar.landing.durable import make_folder, sync, write_text
from bursar.landing.failures import told
from bursar.landing.key_compactions import (
    KeyCompaction,
    key_compaction_path,
    read_key_compaction,
)
from bursar.landing.manifests import Manifest, manifest_path, read_manifest
from bursar.project import Project

_STAGING = "_staging"
_MANIFEST = "manifest.json"
_COMPACTION = "compaction.json"
_KEY_COMPACTION = "key-compaction.json"

_Committed = Manifest | Compaction | KeyCompaction


def staging_folder(project: Project, batch_id: str) -> Path:
    """A new staging folder for the batch.

    Raises:
        BursarError: It cannot be made.
    """
    folder = project.landing / _STAGING / batch_id
    with told(project.landing, "Nothing was landed, for there is no place to write to"):
        make_folder(folder)
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


def commit_key_compaction(project: Project, folder: Path, compaction: KeyCompaction) -> None:
    """The same of a staged merged key file."""
    destination = key_compaction_path(project, compaction.ingest_date)
    _publish(project, folder, compaction, folder / _KEY_COMPACTION, destination)


def _publish(
    project: Project,
    folder: Path,
    manifest: _Committed,
    staged_manifest: Path,
    destination: Path,
) -> None:
    faults.reach("all-staged")
    for path in manifest.files:
        sync(folder / path)
    write_text(staged_manifest, manifest.to_json())
    sync(folder)
    faults.reach("manifest-staged")
    _move_files(project, folder, manifest.files)
    faults.reach("all-files-moved")
    make_folder(destination.parent)
    staged_manifest.replace(destination)
    faults.reach("manifest-moved")
    sync(destination.parent)
    faults.reach("committed")
    shutil.rmtree(folder)
    faults.reach("cleaned")


def _move_files(project: Project, folder: Path, paths: Iterable[str]) -> None:
    folders = set()
    for path in paths:
        destination = project.root / path
        if destination.parent not in folders:
            make_folder(destination.parent)
            folders.add(destination.parent)
        (folder / path).replace(destination)
        faults.reach("file-moved")
    for moved_to in sorted(folders):
        sync(moved_to)


def recover(project: Project) -> None:
    """Takes back what landings that died have left: nothing of them is committed.

    A landing that died after its commit leaves an empty staging folder at most.

    Raises:
        BursarError: Something of it cannot be removed; readers do not see it all the same.
    """
    staging = project.landing / _STAGING
    with told(project.landing, "What an earlier landing has left cannot be cleared up"):
        for folder in sorted(staging.iterdir()) if staging.is_dir() else []:
            faults.reach("recovery-begun")
            _take_back(project, folder, _MANIFEST, read_manifest)
            _take_back(project, folder, _COMPACTION, read_compaction)
            _take_back(project, folder, _KEY_COMPACTION, read_key_compaction)
            shutil.rmtree(folder)
            faults.reach("recovery-ended")


def _take_back(
    project: Project, folder: Path, name: str, read: Callable[[Path], _Committed]
) -> None:
    """Removes the files that a staged manifest names, wherever they stand by now."""
    staged_manifest = folder / name
    if not staged_manifest.exists():
        return
    try:
        paths = [project.root / path for path in read(staged_manifest).files]
    except BursarError:
        # Torn by the machine's death. What it named bears the staging folder's own name.
        paths = _named_after(project, folder)
    _remove(paths)
    faults.reach("recovery-files-removed")
    # Last: killed before this, the next recovery starts over.
    staged_manifest.unlink()
    faults.reach("recovery-manifest-removed")


def _named_after(project: Project, folder: Path) -> list[Path]:
    staging = project.landing / _STAGING
    patterns = (f"{folder.name}.parquet", f"{folder.name}-*.parquet")
    found = (path for pattern in patterns for path in project.landing.rglob(pattern))
    return [path for path in found if not path.is_relative_to(staging)]


def _remove(paths: Iterable[Path]) -> None:
    folders = set()
    for path in paths:
        if path.exists():
            path.unlink()
            faults.reach("recovery-file-removed")
            folders.add(path.parent)
    for folder in sorted(folders):
        sync(folder)
        faults.reach("recovery-folder-synced")


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
