"""dbt inside this process.

Owns the call of `dbtRunner`: its working directory, environment, connection, interrupts and
progress. It leaves what is run, and what the outcome means, to `bursar.warehouse.dbt_runs`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from bursar.project import Project
from bursar.warehouse import parse_cache
from bursar.warehouse.landed_files import LANDED_FILE, LANDED_FILES_VARIABLE
from bursar.warehouse.run_state import RUN_FILE, RUN_STATE_VARIABLE

INTERRUPT_AGAIN_SECONDS = 0.1


@dataclass(frozen=True)
class Step:
    """One model, seed or test that dbt has begun: the `index`th of `total`."""

    index: int
    total: int
    name: str


def invoke(
    project: Project, arguments: list[str], on_step: Callable[[Step], None] | None = None
) -> Any:
    """Runs a dbt command in a project.

    Args:
        project: Where.
        arguments: The command and its options, without those that say where.
        on_step: Told of every step as it begins.

    Returns:
        dbt's own result: `success`, `exception`, `result`.
    """
    from dbt.cli.main import dbtRunner

    where = ["--project-dir", str(project.root)]
    if (project.root / "profiles.yml").is_file():
        where += ["--profiles-dir", str(project.root)]
    parse_cache.settle(project)
    callbacks = [_progress(on_step)] if on_step else []
    with inside(project.root), _run_state_named(), _no_connection_left(), _interruptible():
        return dbtRunner(callbacks=callbacks).invoke([*arguments, *where])


@contextlib.contextmanager
def inside(folder: Path) -> Iterator[None]:
    """Makes a folder the working directory: models name landed files relative to the project."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def _progress(on_step: Callable[[Step], None]) -> Callable[[Any], None]:
    def told(event: Any) -> None:
        if event.info.name == "LogStartLine":
            data = event.data
            on_step(Step(index=data.index, total=data.total, name=data.node_info.node_name))

    return told


@contextlib.contextmanager
def _run_state_named() -> Iterator[None]:
    named = {
        RUN_STATE_VARIABLE: f"warehouse/{RUN_FILE}",
        LANDED_FILES_VARIABLE: f"warehouse/{LANDED_FILE}",
    }
    before = {variable: os.environ.get(variable) for variable in named}
    os.environ.update(named)
    try:
        yield
    finally:
        for variable, value in before.items():
            if value is None:
                del os.environ[variable]
            else:
                os.environ[variable] = value


@contextlib.contextmanager
def _no_connection_left() -> Iterator[None]:
    """Closes the connection that the adapter keeps in its class, before and after.

    It is kept by credentials, and those of two projects are alike (a relative path): the second
    project would be built into the first one's file. And as long as it is open nobody can copy or
    read the file.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    def close() -> None:
        environment = DuckDBConnectionManager._ENV
        if environment is not None:
            environment.close()
            DuckDBConnectionManager._ENV = None

    close()
    try:
        yield
    finally:
        close()


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Interrupts dbt's queries until it lets go, once the user has interrupted.

    dbt does so a single time and then waits for its threads: for hours, when a thread was just
    about to begin a long query.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    is_over = threading.Event()

    def interrupt_queries() -> None:
        while not is_over.wait(INTERRUPT_AGAIN_SECONDS):
            for connection in _connections():
                with contextlib.suppress(Exception):  # it may close at any moment
                    connection.handle.cursor().interrupt()

    def interrupted(number: int, frame: FrameType | None) -> None:
        del number, frame
        threading.Thread(target=interrupt_queries, daemon=True).start()
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        is_over.set()
        signal.signal(signal.SIGINT, before)


def _connections() -> list[Any]:
    from dbt.adapters.factory import FACTORY

    adapters: list[Any] = list(FACTORY.adapters.values())
    return [one for adapter in adapters for one in adapter.connections.thread_connections.values()]
