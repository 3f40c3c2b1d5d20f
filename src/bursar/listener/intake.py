"""The listener's core: raw events in, durable, outcomes out.

Owns the promise: what `Intake` has answered is landed, exactly once, whatever dies in between. It
knows no HTTP. Another door, such as a consumer of a queue that commits its offsets after `take`,
needs nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from bursar.errors import BursarError, ExitCode
from bursar.landing.lock import landing_lock
from bursar.landing.manifests import Manifest
from bursar.listener.journal import Journal, Limits
from bursar.listener.lander import Lander, Surroundings
from bursar.listener.outcomes import Memory, Outcome, outcomes
from bursar.listener.spool import left_over, make_spool_folder, spool_folder
from bursar.project import Project

_OTHER_LISTENER_SECONDS = 1.0


@dataclass(frozen=True)
class Reports:
    """Whom the intake asks and tells while it runs.

    Args:
        promoted: The property keys that get a column of their own, asked for each batch.
        landed: Told each batch's manifest.
        failed: Told why a batch has to be tried again.
    """

    promoted: Callable[[], tuple[str, ...]] = tuple
    landed: Callable[[Manifest], None] = lambda manifest: None
    failed: Callable[[str], None] = lambda problem: None


@dataclass(frozen=True)
class Health:
    """How an intake is; ``problem`` is why landing does not get on, empty if it does."""

    is_taking: bool
    spooled_bytes: int
    segments_waiting: int
    problem: str


class Intake:
    """Takes events; made by `open_intake`."""

    def __init__(self, journal: Journal, lander: Lander) -> None:
        self._journal = journal
        self._lander = lander
        self._memory = Memory()
        self._is_taking = True

    def submit(self, events: Sequence[bytes]) -> Future[int]:
        """Takes events, each one line of JSON, and returns at once.

        Returns:
            Done when the events are durable, with their instant of receipt; `OSError` if they could
            not be written.

        Raises:
            SpoolFull: Too much waits to be landed.
            Closed: The intake is stopping.
        """
        return self._journal.append(events)

    def outcomes(self, events: Sequence[bytes], received_at: int) -> list[Outcome]:
        """What became of events that are durable since that instant."""
        return outcomes(events, received_at, self._memory)

    def take(self, events: Sequence[bytes]) -> list[Outcome]:
        """`submit`, and the `outcomes` when they are durable."""
        return self.outcomes(events, self.submit(events).result())

    def refuse(self) -> None:
        """Takes nothing more; safe in a signal handler."""
        self._is_taking = False
        self._journal.refuse()

    def health(self) -> Health:
        """How it is just now."""
        return Health(
            self._is_taking,
            self._journal.waiting_bytes,
            self._lander.segments_waiting,
            self._lander.problem,
        )

    def close(self) -> None:
        """Takes nothing more, and lets everything that was taken be landed."""
        self.refuse()
        self._journal.close()
        self._lander.close()

    def join(self, timeout_seconds: float) -> bool:
        """After `close`: waits until landing has ended; tells whether it has."""
        return self._lander.join(timeout_seconds)


@contextmanager
def open_intake(project: Project, limits: Limits, reports: Reports) -> Iterator[Intake]:
    """An intake for the body; lands first what an earlier one has left in the spool.

    Raises:
        BursarError: Another process has the project's spool, or it cannot be written.
    """
    try:
        folder = make_spool_folder(project)
    except OSError as error:
        raise BursarError(
            f"The spool {project.relative(spool_folder(project))} cannot be made: {error}.",
            remedy="Mend what it names and start again.",
        ) from error
    with _only_listener(project):
        left = left_over(folder)

        def released(size_bytes: int) -> None:
            journal.release(size_bytes)

        lander = Lander(
            project, Surroundings(reports.promoted, reports.landed, reports.failed, released)
        )
        for segment in left:
            lander.add(segment)
        journal = Journal(folder, limits, sum(s.size_bytes for s in left), lander.add)
        lander.start()
        intake = Intake(journal, lander)
        try:
            yield intake
        finally:
            intake.close()


@contextmanager
def _only_listener(project: Project) -> Iterator[None]:
    """Holds the spool: two processes would land each other's open segments."""
    with ExitStack() as stack:
        try:
            stack.enter_context(
                landing_lock(spool_folder(project), wait_seconds=_OTHER_LISTENER_SECONDS)
            )
        except BursarError as error:
            if error.exit_code is not ExitCode.WAREHOUSE_UNAVAILABLE:
                raise
            raise BursarError(
                f"Another listener serves this project: {project.relative(spool_folder(project))} "
                "is in use.",
                remedy="Send to that one, or stop it first.",
                exit_code=ExitCode.WAREHOUSE_UNAVAILABLE,
            ) from error
        yield
