from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bursar.errors import BursarError, ExitCode
from bursar.landing.lock import landing_lock

HOLDER = """
import sys, time
from pathlib import Path
from bursar.landing.lock import landing_lock
with landing_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_lander_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    with landing_lock(tmp_path / "landing"):
        started = time.monotonic()
        with (
            pytest.raises(BursarError, match=rf"held by process {os.getpid()} since 2") as caught,
            landing_lock(tmp_path / "landing", wait_seconds=0.2),
        ):
            pass
        assert time.monotonic() - started < 5
    assert caught.value.exit_code == ExitCode.WAREHOUSE_UNAVAILABLE
    with landing_lock(tmp_path / "landing", wait_seconds=0):
        pass


def test_the_lock_dies_with_its_process(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3] / "src")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(BursarError), landing_lock(tmp_path, wait_seconds=0):
            pass
        holder.kill()
        holder.wait()
        with landing_lock(tmp_path, wait_seconds=5):
            pass
