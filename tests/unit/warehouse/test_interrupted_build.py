"""Builds in a process of their own, really killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from bursar.errors import BursarError, ExitCode
from bursar.project import Project
from bursar.warehouse import database, lock
from bursar.warehouse.build import build
from tests.support.small_project import small_project, write_model

QUICK = "select 1 as number"
# Minutes of work that obeys an interrupt.
SLOW = """
select count(*) as number from range(10000000) as a (x), range(10000000) as b (y) where x + y = 3
"""
COMMAND = [sys.executable, "-c", "from bursar.cli.main import main; main()"]
PATIENCE_SECONDS = 60


@pytest.fixture
def building(tmp_path: Path) -> Iterator[tuple[Project, subprocess.Popen[str]]]:
    """A project with a published version, and a process in the middle of building the next."""
    project = small_project(tmp_path, {"marts/one.sql": QUICK})
    build(project)
    write_model(project, "marts/one.sql", SLOW)
    (project.warehouse / "published-2.duckdb.tmp").write_text("half a file")
    process = subprocess.Popen(
        [*COMMAND, "build", "--project-dir", str(project.root)], stderr=subprocess.PIPE, text=True
    )
    try:
        log = project.root / "logs" / "dbt.log"
        log.write_text("")
        wait_for(lambda: "sql table model billing.one" in log.read_text())
        yield project, process
    finally:
        process.kill()
        process.wait()


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.05)


def number(project: Project) -> int:
    with database.published(project) as connection:
        return int(connection.execute("select number from one").fetchall()[0][0])


def test_a_killed_build_leaves_the_published_version_and_the_next_build_works(
    building: tuple[Project, subprocess.Popen[str]],
) -> None:
    project, process = building
    process.kill()
    process.wait()
    assert number(project) == 1
    assert lock.holder(project) is None
    write_model(project, "marts/one.sql", "select 2 as number")
    build(project)
    assert number(project) == 2
    assert not list(project.warehouse.glob("*.tmp"))


def test_a_build_beside_a_running_one_is_refused(
    building: tuple[Project, subprocess.Popen[str]],
) -> None:
    project, process = building
    holder = lock.holder(project)
    assert holder is not None
    assert holder.pid == process.pid
    second = subprocess.run(
        [*COMMAND, "build", "--project-dir", str(project.root)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == ExitCode.WAREHOUSE_UNAVAILABLE
    assert f"process {process.pid}" in second.stderr
    assert "Traceback" not in second.stderr


def test_an_interrupted_build_ends_with_130_and_publishes_nothing(
    building: tuple[Project, subprocess.Popen[str]],
) -> None:
    project, process = building
    process.send_signal(signal.SIGINT)
    _, words = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == ExitCode.INTERRUPTED
    assert "Traceback" not in words
    assert number(project) == 1


def test_a_build_file_open_elsewhere_is_told_with_its_owner(tmp_path: Path) -> None:
    project = small_project(tmp_path, {"marts/one.sql": QUICK})
    build(project)
    script = (
        "import duckdb, sys; connection = duckdb.connect(sys.argv[1], read_only=True);"
        " print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(project.build_database)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "open\n"
        with pytest.raises(BursarError, match="is open in another process") as raised:
            build(project)
        reader.communicate("")
    assert raised.value.exit_code is ExitCode.WAREHOUSE_UNAVAILABLE
    assert f"PID {reader.pid}" in raised.value.message
    assert os.path.exists(project.published_database)  # noqa: PTH110 - follows the link


def test_an_analyst_with_the_published_file_open_does_not_stop_a_build(tmp_path: Path) -> None:
    project = small_project(tmp_path, {"marts/one.sql": QUICK})
    build(project)
    with duckdb.connect(str(project.published_database), read_only=True):
        build(project)
