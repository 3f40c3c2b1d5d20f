"""Sealed segments to batches: the thread that lands the spool.

Owns the order, the repeats and the once: one segment is one batch, in order of receipt, however
often the process dies in between. The landing itself is `bursar.landing.land`, by which files land.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from pathlib import PurePath
from typing import TypeVar

from bursar.errors import BursarError
from bursar.landing import InputFormat, LandOptions, faults, land
from bursar.landing.instants import instant_to_datetime, instant_to_name
from bursar.landing.manifests import Manifest, batch_ids, manifest_path, read_manifest
from bursar.listener.spool import Segment, WaitingSegment, remove
from bursar.project import Project

Told = TypeVar("Told")

RETRY_SECONDS_FIRST = 0.5
RETRY_SECONDS_MAX = 30.0


@dataclass(frozen=True)
class Surroundings:
    """What the lander asks and tells.

    Args:
        promoted: The property keys that get a column of their own; asked for each batch, because
            metrics change while a listener runs.
        landed: Told each manifest that was committed.
        failed: Told each new reason for which a landing has to be tried again.
        released: Told how many bytes have left the spool.
    """

    promoted: Callable[[], tuple[str, ...]]
    landed: Callable[[Manifest], None]
    failed: Callable[[str], None]
    released: Callable[[int], None]


class Lander:
    """Lands segments one after the other, each until it has landed.

    Args:
        project: The billing project.
        surroundings: See there.
    """

    def __init__(self, project: Project, surroundings: Surroundings) -> None:
        self._project = project
        self._surroundings = surroundings
        self._segments: deque[Segment] = deque()
        self._changed = threading.Condition()
        self._is_closing = False
        self._problem = ""
        self._thread = threading.Thread(target=self._run, name="lander", daemon=True)

    @property
    def problem(self) -> str:
        """Why the last attempt failed; empty if it did not."""
        return self._problem

    @property
    def segments_waiting(self) -> int:
        """How many sealed segments have not landed."""
        return len(self._segments)

    def add(self, segment: Segment) -> None:
        """Takes a sealed segment."""
        with self._changed:
            self._segments.append(segment)
            self._changed.notify()

    def start(self) -> None:
        """Begins to land."""
        self._thread.start()

    def close(self) -> None:
        """From now on, ends as soon as nothing waits, or at the first failure."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()

    def join(self, timeout_seconds: float) -> bool:
        """Waits for the end; tells whether it has come."""
        self._thread.join(timeout_seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        pause_seconds = RETRY_SECONDS_FIRST
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._segments or self._is_closing)
                if not self._segments:
                    return
                segment = self._segments[0]
            if self._attempt(segment):
                self._segments.popleft()
                self._surroundings.released(segment.size_bytes)
                pause_seconds = RETRY_SECONDS_FIRST
                continue
            with self._changed:
                if self._changed.wait_for(lambda: self._is_closing, pause_seconds):
                    return
            pause_seconds = min(2 * pause_seconds, RETRY_SECONDS_MAX)

    def _attempt(self, segment: Segment) -> bool:
        try:
            self._land(segment)
        # Whatever it is: the events are in the spool, and the listener lives on to take more.
        except Exception as error:
            problem = error.message if isinstance(error, BursarError) else repr(error)
            is_news, self._problem = problem != self._problem, problem
            if is_news:
                _tell(self._surroundings.failed, problem)
            return False
        self._problem = ""
        return True

    def _land(self, segment: Segment) -> None:
        if segment.size_bytes and not has_landed(self._project, segment):
            options = LandOptions(
                received_at=instant_to_datetime(segment.received_at).replace(tzinfo=UTC),
                promoted=self._surroundings.promoted(),
                input_format=InputFormat.NDJSON,
            )
            report = land(self._project, [str(segment.path)], options)
            faults.reach("segment-landed")
            _tell(self._surroundings.landed, report.manifest)
        remove(segment)


def _tell(whom: Callable[[Told], None], what: Told) -> None:
    """Tells somebody who may be gone: a closed stderr must not stop the landing."""
    with contextlib.suppress(OSError):
        whom(what)


def has_landed(project: Project, segment: Segment | WaitingSegment) -> bool:
    """Whether a batch is of this segment: its process died before it could remove it.

    No two segments ever have the same name, and the folder may be reached by other ways than then.
    """
    second = instant_to_name(segment.received_at)
    return any(
        PurePath(source.path).name == segment.path.name
        for batch_id in batch_ids(project)
        if batch_id.startswith(second)
        for source in read_manifest(manifest_path(project, batch_id)).sources
    )
