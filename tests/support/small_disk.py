"""A disk in a test that is really full: a file system in memory, of a few megabytes.

Owns mounting it, filling it to the last byte and the last name, and making room again. Mounting
needs root. Without: `unshare --map-root-user --mount .venv/bin/python -m pytest -n 0 tests/faults`.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bursar.landing import faults

FILES_MAX = 400


@dataclass(frozen=True)
class SmallDisk:
    """A mounted disk; ``project`` is an empty folder on it."""

    folder: Path

    @property
    def project(self) -> Path:
        return self.folder / "project"

    @property
    def ballast(self) -> Path:
        return self.folder / "ballast"

    def fill(self) -> None:
        """Leaves no byte and no name."""
        size_bytes = 1 << 20
        with self.ballast.open("ab", buffering=0) as file:
            while size_bytes:
                try:
                    file.write(b"\0" * size_bytes)
                except OSError:
                    size_bytes //= 2
        try:
            for number in range(FILES_MAX):
                self.ballast.with_name(f"ballast-{number}").touch()
        except OSError:
            return

    def make_room(self) -> None:
        for path in self.folder.glob("ballast*"):
            path.unlink()

    def fills_at(self, point: str) -> Callable[[str], None]:
        """What to put in the place of `faults.reach`: the disk is full from this point on."""

        def reach(reached: str) -> None:
            if reached == point and not self.ballast.exists():
                self.fill()

        return reach


@contextmanager
def small_disk(folder: Path, *, megabytes: int = 4) -> Iterator[SmallDisk]:
    """A disk of that size for the body; skips the test where none can be mounted."""
    options = f"size={megabytes}m,nr_inodes={FILES_MAX}"
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("a full disk needs `mount`, which this system has not")
    if mounted.returncode != 0:
        pytest.skip(f"a full disk needs the right to mount one: {mounted.stderr.strip()}")
    try:
        (folder / "project").mkdir()
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def full_from(disk: SmallDisk, point: str) -> Iterator[None]:
    """The disk is full from the moment on at which the body reaches the point, and no longer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(faults, "reach", disk.fills_at(point))
        yield
    assert disk.ballast.exists(), f"{point} was never reached"
    disk.make_room()
