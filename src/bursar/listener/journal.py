"""Many senders, one sync: the thread that writes the spool.

Owns group commit (whatever waits is written and synced together), when a segment is full, and the
spool's limit. It leaves the files to ``bursar.listener.spool`` and their landing to whoever takes
the sealed segments.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bursar.landing import faults
from bursar.landing.instants import datetime_to_instant
from bursar.listener.spool import Segment, SegmentWriter

_GROUP_BYTES_MAX = 16 * 1024 * 1024


class SpoolFull(Exception):  # noqa: N818 - a state, and reads as one where it is caught
    """What waits to be landed has reached its limit."""


class Closed(Exception):  # noqa: N818 - a state, and reads as one where it is caught
    """Nothing is taken any more: the listener is stopping."""


@dataclass(frozen=True)
class Limits:
    """How the spool is cut into batches, and how far it may grow.

    Args:
        batch_rows: A segment is sealed when it has this many lines.
        batch_seconds: A segment is sealed when it is this old.
        spool_bytes: How much may wait to be landed.
    """

    batch_rows: int
    batch_seconds: float
    spool_bytes: int


@dataclass(frozen=True)
class _Append:
    data: bytes
    rows: int
    durable: Future[int] = field(default_factory=Future)


class Journal:
    """Appends lines to the spool, durably.

    Args:
        folder: The spool's folder.
        limits: See there.
        waiting_bytes: What earlier processes have left in the spool.
        on_sealed: Called in the journal's thread with each complete segment.
    """

    def __init__(
        self,
        folder: Path,
        limits: Limits,
        waiting_bytes: int,
        on_sealed: Callable[[Segment], None],
    ) -> None:
        self._folder = folder
        self._limits = limits
        self._on_sealed = on_sealed
        self._lock = threading.Lock()
        self._waiting_bytes = waiting_bytes
        self._is_closed = False
        self._queue: queue.SimpleQueue[_Append | None] = queue.SimpleQueue()
        self._segment: SegmentWriter | None = None
        self._seal_at = 0.0
        self._last_received_at = 0
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    @property
    def waiting_bytes(self) -> int:
        """How much waits to be written or landed."""
        return self._waiting_bytes

    def append(self, lines: Sequence[bytes]) -> Future[int]:
        """Takes lines, without their breaks; returns at once.

        Returns:
            Done when the lines are durable, with their instant of receipt; `OSError` if they could
            not be written.

        Raises:
            SpoolFull: There is no room for them.
            Closed: The journal is closed.
        """
        append = _Append(b"\n".join(lines) + b"\n", len(lines))
        with self._lock:
            if self._is_closed:
                raise Closed
            if self._waiting_bytes + len(append.data) > self._limits.spool_bytes:
                raise SpoolFull
            self._waiting_bytes += len(append.data)
            # Taken is taken: a sender that gives up does not take its lines back.
            append.durable.set_running_or_notify_cancel()
            self._queue.put(append)
        return append.durable

    def release(self, size_bytes: int) -> None:
        """Makes room: so much has left the spool."""
        with self._lock:
            self._waiting_bytes -= size_bytes

    def refuse(self) -> None:
        """From now on nothing more is taken."""
        # No lock: a signal handler calls this, perhaps while its own thread holds it.
        self._is_closed = True

    def close(self) -> None:
        """Writes what was taken, seals the last segment and ends the thread."""
        with self._lock:
            self._is_closed = True
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        is_last = False
        while not is_last:
            group, is_last = self._next_group()
            if group:
                self._commit(group)
            if self._segment and (is_last or self._is_full(self._segment)):
                self._seal(self._segment)

    def _next_group(self) -> tuple[list[_Append], bool]:
        """What waits to be written, and whether it is the last of all; empty at a deadline."""
        group: list[_Append] = []
        size_bytes = 0
        try:
            timeout = max(0.0, self._seal_at - time.monotonic()) if self._segment else None
            item = self._queue.get(timeout=timeout)
            while item is not None:
                group.append(item)
                size_bytes += len(item.data)
                if size_bytes >= _GROUP_BYTES_MAX:
                    return group, False
                item = self._queue.get_nowait()
        except queue.Empty:
            return group, False
        return group, True

    def _commit(self, group: list[_Append]) -> None:
        try:
            if self._segment is None:
                self._segment = self._open()
            rows = sum(append.rows for append in group)
            self._segment.append(b"".join(append.data for append in group), rows)
        # Whatever it is, and be it memory: a sender is answered, and the thread lives on.
        except Exception as error:
            if self._segment:
                self._seal(self._segment)
            self.release(sum(len(append.data) for append in group))
            for append in group:
                append.durable.set_exception(error)
            return
        faults.reach("spooled")
        for append in group:
            append.durable.set_result(self._segment.received_at)

    def _open(self) -> SegmentWriter:
        # In order of receipt even if the clock is set back: names are in that order, and of two
        # events with one id the first must land first.
        now = datetime_to_instant(datetime.now(UTC))
        self._last_received_at = max(now, self._last_received_at + 1)
        self._seal_at = time.monotonic() + self._limits.batch_seconds
        return SegmentWriter(self._folder, self._last_received_at)

    def _is_full(self, segment: SegmentWriter) -> bool:
        return segment.rows >= self._limits.batch_rows or time.monotonic() >= self._seal_at

    def _seal(self, segment: SegmentWriter) -> None:
        self._segment = None
        self._on_sealed(segment.seal())
