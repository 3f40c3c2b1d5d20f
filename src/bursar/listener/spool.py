"""The spool on disk: segments of lines that are durable and not landed yet.

Owns the files of ``landing/_spool/``: their names, what a write must survive, and what is left of
one after a crash. A segment is NDJSON as ``bursar.landing`` reads it. Its name holds the instant of
receipt of all its events. It leaves when to write, and when a segment is full, to
``bursar.listener.journal``.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from bursar.landing.durable import make_folder, sync
from bursar.landing.instants import (
    MICROSECONDS_PER_SECOND,
    format_instant,
    instant_to_name,
    parse_instant,
)
from bursar.project import Project

_NAME = re.compile(r"(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z-(\d{6})-[0-9a-f]{8}\.ndjson")
_TAIL_BYTES = 64 * 1024
_COUNTED_BYTES = 1 << 20


@dataclass(frozen=True)
class Segment:
    """One file of the spool.

    Args:
        path: Where it stands.
        received_at: When its events count as received; microseconds since 1970 in UTC.
        size_bytes: How long it is.
    """

    path: Path
    received_at: int
    size_bytes: int


@dataclass(frozen=True)
class WaitingSegment:
    """A segment as one who only looks sees it: its whole lines, and since when they wait.

    Args:
        path: Where it stands.
        received_at: When its events count as received; microseconds since 1970 in UTC.
        events: How many whole lines it has.
    """

    path: Path
    received_at: int
    events: int


def spool_folder(project: Project) -> Path:
    """The folder of segments."""
    return project.landing / "_spool"


def make_spool_folder(project: Project) -> Path:
    """The folder of segments, made so that it outlasts a power cut."""
    folder = spool_folder(project)
    make_folder(folder)
    return folder


def left_over(folder: Path) -> list[Segment]:
    """The segments of an earlier process, in order of receipt; a torn last line is cut off.

    A line without an end was never acknowledged: acknowledging follows the sync of whole lines.
    """
    return [
        Segment(path, received_at, _cut_torn_line(path)) for path, received_at in _files(folder)
    ]


def waiting(folder: Path) -> list[WaitingSegment]:
    """The segments that stand there now, in order of receipt; nothing is changed.

    The last one may still grow, and any may land and go away meanwhile.
    """
    found = []
    for path, received_at in _files(folder) if folder.is_dir() else []:
        with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
            events = sum(part.count(b"\n") for part in iter(lambda: file.read(_COUNTED_BYTES), b""))
            found.append(WaitingSegment(path, received_at, events))
    return found


def _files(folder: Path) -> list[tuple[Path, int]]:
    """The segments' files with the instants in their names, in order of those."""
    found = []
    for path in sorted(folder.iterdir()):
        match = _NAME.fullmatch(path.name)
        if match:
            year, month, day, hour, minute, second, micro = match.groups()
            text = f"{year}-{month}-{day}T{hour}:{minute}:{second}.{micro}Z"
            found.append((path, parse_instant(text)))
    return found


def remove(segment: Segment) -> None:
    """Removes a landed segment for good."""
    segment.path.unlink()
    sync(segment.path.parent)


class SegmentWriter:
    """A segment that grows; every append is durable when it returns."""

    def __init__(self, folder: Path, received_at: int) -> None:
        name = instant_to_name(received_at)
        micro = received_at % MICROSECONDS_PER_SECOND
        self.path = folder / f"{name}-{micro:06d}-{secrets.token_hex(4)}.ndjson"
        self.received_at = received_at
        self.rows = 0
        self._size_bytes = 0
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        self._descriptor = os.open(self.path, flags, 0o644)
        sync(folder)

    def append(self, data: bytes, rows: int) -> None:
        """Writes and syncs whole lines.

        Raises:
            OSError: They could not be made durable, and are taken back. The writer must not be used
                again: after a failed sync the system does not say what it has kept.
        """
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
            os.fsync(self._descriptor)
        except OSError:
            # If this fails too, lines that nobody was promised land; sent again, they are
            # duplicates.
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, self._size_bytes)
            raise
        self._size_bytes += len(data)
        self.rows += rows

    def seal(self) -> Segment:
        """The segment, complete."""
        # Everything in it is synced; what closing may still complain of changes nothing.
        with contextlib.suppress(OSError):
            os.close(self._descriptor)
        return Segment(self.path, self.received_at, self._size_bytes)

    def __repr__(self) -> str:
        return f"SegmentWriter({self.path.name}, since {format_instant(self.received_at)})"


def _cut_torn_line(path: Path) -> int:
    """Cuts what follows the last line break; returns the length that is left."""
    with path.open("r+b") as file:
        end = file.seek(0, os.SEEK_END)
        while end:
            start = max(0, end - _TAIL_BYTES)
            file.seek(start)
            last = file.read(end - start).rfind(b"\n")
            if last >= 0:
                end = start + last + 1
                break
            end = start
        if end < file.seek(0, os.SEEK_END):
            file.truncate(end)
            os.fsync(file.fileno())
    return end
