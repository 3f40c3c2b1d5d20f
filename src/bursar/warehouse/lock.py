"""One build at a time: a lock that dies with its process.

Owns `warehouse/.lock`, `warehouse/.run.lock` and what they say of their holders. It leaves DuckDB's
own lock on the database file to `bursar.warehouse.database`, and a lock in another folder to
whoever writes there.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from bursar.errors import BursarError, ExitCode
from bursar.project import Project

LOCK_FILE = ".lock"
# Of the scheduled run, which builds and finalizes under the other one.
RUN_LOCK_FILE = ".run.lock"
# Long enough to outlast somebody who only looks whether the lock is held.
PATIENCE_SECONDS = 0.5
PAUSE_SECONDS = 0.05


@dataclass(frozen=True)
class Holder:
    """Who holds the lock.

    Args:
        pid: The process.
        command: What it runs.
        since: When it took the lock, RFC 3339 in UTC.
    """

    pid: int
    command: str
    since: str

    def __str__(self) -> str:
        return f"{self.command}, process {self.pid}, since {self.since}"


@contextmanager
def exclusive(project: Project, command: str, file_name: str = LOCK_FILE) -> Iterator[None]:
    """Holds the project's build lock.

    Args:
        project: Whose lock.
        command: What the holder runs, for others to read.
        file_name: Which lock, if another one.

    Raises:
        BursarError: Another process holds it; exit code 3.
    """
    project.warehouse.mkdir(parents=True, exist_ok=True)
    with held(project.warehouse / file_name, command, "is building this project"):
        yield


@contextmanager
def held(path: Path, command: str, what: str) -> Iterator[None]:
    """Holds the lock of a file, made if it is not there.

    Args:
        path: The file.
        command: What the holder runs, for others to read.
        what: What the holder does, as a sentence goes on after "Another process".

    Raises:
        BursarError: Another process holds it; exit code 3.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        if not _taken(handle):
            raise _busy(path, what)
        since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        holder = Holder(pid=os.getpid(), command=command, since=since)
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps(asdict(holder)).encode(), 0)
        try:
            yield
        finally:
            os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def holder(project: Project, file_name: str = LOCK_FILE) -> Holder | None:
    """Who builds just now; nobody when the lock is free, whatever the file still says."""
    path = project.warehouse / file_name
    return _read(path) if is_held(path) else None


def last_killed(project: Project, file_name: str = LOCK_FILE) -> Holder | None:
    """Who held the lock last and did not live to let go of it; nobody while it is held."""
    path = project.warehouse / file_name
    if not path.exists() or is_held(path) or not path.read_bytes().strip():
        return None
    return _read(path)


def is_held(path: Path) -> bool:
    """Whether a process holds the lock of a lock file; looks only."""
    if not path.exists():
        return False
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _taken(handle: int) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(PAUSE_SECONDS)
        else:
            return True


def _busy(path: Path, what: str) -> BursarError:
    return BursarError(
        f"Another process {what}: {_read(path)}.",
        remedy="Wait until it is done. The lock goes with its process: delete nothing.",
        exit_code=ExitCode.WAREHOUSE_UNAVAILABLE,
    )


def _read(path: Path) -> Holder:
    try:
        return Holder(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        # The holder has the lock but has not yet written, or is just letting go.
        return Holder(pid=0, command="a build", since="just now")
