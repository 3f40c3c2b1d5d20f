"""A listener in a test, on loopback: in a thread of the test, or as a process that can be killed.

Owns starting and ending both, and a plain HTTP client.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn

from bursar.landing import faults
from bursar.landing.manifests import Manifest
from bursar.listener.api import INGEST_PATH, make_app
from bursar.listener.intake import Intake, Reports, open_intake
from bursar.listener.journal import Limits
from bursar.project import Project
from tests.support.landing import line

JSON = {"Content-Type": "application/json"}
SOURCE = Path(__file__).parents[2] / "src"
WAIT_SECONDS = 30.0


def recent(transaction_id: str, **changes: Any) -> bytes:
    """A good event of an hour ago."""
    moment = datetime.now(UTC) - timedelta(hours=1)
    return line(transaction_id, **{"timestamp": moment.isoformat(), **changes})


def body(*events: bytes) -> bytes:
    return b"[" + b",\n".join(events) + b"]"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    content: dict[str, Any]

    @property
    def outcomes(self) -> list[str]:
        return [event["outcome"] for event in self.content["events"]]


def request(
    port: int,
    method: str = "POST",
    path: str = INGEST_PATH,
    content: bytes | Iterator[bytes] | None = None,
    headers: dict[str, str] | None = None,
) -> Answer:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_SECONDS)
    try:
        connection.request(method, path, content, JSON if headers is None else headers)
        response = connection.getresponse()
        return Answer(
            response.status,
            {name.lower(): value for name, value in response.getheaders()},
            json.loads(response.read()),
        )
    finally:
        connection.close()


@dataclass
class Listener:
    """A listener in a thread."""

    project: Project
    intake: Intake
    port: int
    landed: list[Manifest] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def post(self, *events: bytes) -> Answer:
        return request(self.port, content=body(*events))

    def stop(self) -> None:
        """Lands everything and checks that nothing is left."""
        self.intake.close()
        assert self.intake.join(WAIT_SECONDS)


@contextmanager
def listening(
    root: Path,
    *,
    batch_rows: int = 100_000,
    batch_seconds: float = 60.0,
    spool_bytes: int = 10_000_000,
    token: str | None = None,
) -> Iterator[Listener]:
    """A listener for the body; what it took is landed afterwards."""
    landed: list[Manifest] = []
    failed: list[str] = []
    reports = Reports(landed=landed.append, failed=failed.append)
    limits = Limits(batch_rows, batch_seconds, spool_bytes)
    project = Project(root)
    with open_intake(project, limits, reports) as intake:
        config = uvicorn.Config(
            make_app(intake, token), port=0, loop="asyncio", http="h11", lifespan="off"
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        try:
            until(lambda: server.started)
            port = server.servers[0].sockets[0].getsockname()[1]
            yield Listener(project, intake, port, landed, failed)
        finally:
            server.should_exit = True
            thread.join(WAIT_SECONDS)
            intake.close()
            intake.join(WAIT_SECONDS)


def until(is_so: Callable[[], bool]) -> None:
    """Waits until it is so."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@dataclass
class ListenerProcess:
    """`bursar events listen` as a process; ``port`` is known once it listens."""

    process: subprocess.Popen[str]
    port: int

    def end(self, number: int) -> tuple[int, str]:
        """Sends a signal; returns the exit code and what was said after it listened."""
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=60)
        return self.process.returncode, said


@contextmanager
def listener_process(
    root: Path, *options: str, fault: str = "", limits: Sequence[str] = ("--batch-seconds", "0.2")
) -> Iterator[ListenerProcess]:
    """A listener process for the body, killed afterwards if it still runs."""
    (root / "dbt_project.yml").touch()
    command = [sys.executable, "-c", "from bursar.cli.main import main; main()", "events", "listen"]
    arguments = ["--port", "0", "--project-dir", str(root), *limits, *options]
    environment = os.environ | {"PYTHONPATH": str(SOURCE), faults.VARIABLE: fault}
    process = subprocess.Popen(
        [*command, *arguments], env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        first = process.stderr.readline()
        port = re.search(r":(\d+)/v1/ingest", first)
        assert port, first + process.stderr.read()
        yield ListenerProcess(process, int(port[1]))
    finally:
        process.kill()
        process.communicate()
