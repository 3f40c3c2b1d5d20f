"""The listening process: its socket, its signals, its beginning and end.

Owns the life of `bursar events listen` around the application. A stop finishes the requests under
way and lands what they brought; a kill leaves it in the spool, for the next start.
"""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

import uvicorn

from bursar.errors import BursarError, ExitCode
from bursar.listener.access import refuse_open_door
from bursar.listener.api import INGEST_PATH, make_app
from bursar.listener.intake import Intake, Reports, open_intake
from bursar.listener.journal import Limits
from bursar.project import Project

# Connections and requests under way; each may hold a body of 4 MiB.
CONNECTIONS_MAX = 256
REQUESTS_END_SECONDS = 30
LANDING_ENDS_SECONDS = 120.0
_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Door:
    """Where and for whom to listen; port 0 is any free one."""

    host: str
    port: int
    token: str | None


def serve(
    project: Project,
    door: Door,
    limits: Limits,
    reports: Reports,
    ready: Callable[[str], None],
) -> signal.Signals:
    """Listens until a signal ends it; everything that was acknowledged is landed then.

    Args:
        project: The billing project.
        door: Where to listen.
        limits: How events are batched.
        reports: Whom to ask and tell meanwhile.
        ready: Told the address for senders, as soon as they can connect.

    Returns:
        The signal that ended it.

    Raises:
        BursarError: It cannot listen there, or at the end something could not be landed.
    """
    refuse_open_door(door.host, door.token)
    with open_intake(project, limits, reports) as intake, _listen(door) as listening:
        server = _Server(_config(intake, door.token), intake)
        with _recorded_signals(server) as signals:
            ready(_address(listening))
            asyncio.run(server.serve(sockets=[listening]))
            # The server raises the signals that it got once more when it ends.
            signals_before = len(signals)
            intake.close()
            _wait(intake, lambda: len(signals) > signals_before)
            return signals[0]


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{INGEST_PATH}"


def _config(intake: Intake, token: str | None) -> uvicorn.Config:
    return uvicorn.Config(
        make_app(intake, token),
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS_MAX,
        timeout_graceful_shutdown=REQUESTS_END_SECONDS,
    )


class _Server(uvicorn.Server):
    """A server whose intake closes with the signal, not when the last request has ended."""

    def __init__(self, config: uvicorn.Config, intake: Intake) -> None:
        super().__init__(config)
        self._intake = intake

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begins to stop; the server's own signal handler."""
        self._intake.refuse()
        super().handle_exit(sig, frame)


def _listen(door: Door) -> socket.socket:
    family = socket.AF_INET6 if ":" in door.host else socket.AF_INET
    try:
        listening = socket.create_server((door.host, door.port), family=family, backlog=1024)
        # Connections inherit it. Without it the second write of an answer waits 40 ms for the
        # sender's acknowledgement of the first.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except OSError as error:
        raise BursarError(
            f"Cannot listen on {door.host}, port {door.port}: {error.strerror or error}.",
            remedy="Choose another --port or --host, or stop what listens there.",
            exit_code=ExitCode.BAD_USAGE,
        ) from error


@contextmanager
def _recorded_signals(server: uvicorn.Server) -> Iterator[list[signal.Signals]]:
    """SIGTERM and SIGINT only stop the server in the body, and stand in this list, in order."""
    received: list[signal.Signals] = []

    def record(number: int, frame: FrameType | None) -> None:
        received.append(signal.Signals(number))
        server.should_exit = True

    handled = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.signal(number, record) for number in handled}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _wait(intake: Intake, is_hurried: Callable[[], bool]) -> None:
    """Waits until everything is landed, for so long as nobody hurries."""
    for _ in range(int(LANDING_ENDS_SECONDS / _POLL_SECONDS)):
        if intake.join(_POLL_SECONDS) or is_hurried():
            break
    left = intake.health()
    if left.segments_waiting:
        raise BursarError(
            f"{left.spooled_bytes:,} bytes of events are in the spool and not landed: "
            f"{left.problem.rstrip('.') or 'the listener was stopped before'}.",
            remedy="They are safe there; the next `bursar events listen` lands them.",
            exit_code=ExitCode.WAREHOUSE_UNAVAILABLE,
        )
