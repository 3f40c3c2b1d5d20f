"""Steps on disk that outlast a power cut.

Owns how a file, a folder and a move are made to last: what is written is synced, and so is the
folder that names it. Each step is a point at which tests kill (`bursar.landing.faults`). It leaves
their order, which is what makes a batch whole, to its callers.
"""

from __future__ import annotations

import os
from pathlib import Path

from bursar.landing import faults


def sync(path: Path) -> None:
    """Waits until a file's content, or a folder's list of names, is on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    faults.reach("synced")


def make_folder(folder: Path) -> None:
    """Makes a folder and those above it that are missing; each is synced in its parent."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for new in reversed(missing):
        new.mkdir(exist_ok=True)
        faults.reach("folder-made")
        sync(new.parent)


def write_text(path: Path, text: str) -> None:
    """Writes a whole file or none: aside, synced, renamed. The caller syncs the folder."""
    aside = path.with_name(path.name + ".tmp")
    aside.write_text(text, "utf-8")
    faults.reach("manifest-written")
    sync(aside)
    aside.replace(path)
