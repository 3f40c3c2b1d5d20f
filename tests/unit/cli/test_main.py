"""What the console script does with errors: words and the promised exit code, never a trace."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bursar.errors import ExitCode

BURSAR = str(Path(sys.executable).parent / "bursar")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["build", "--nonsense"], "--nonsense"),
        (["invoice", "show"], "ID"),
        (["nonsense"], "nonsense"),
        (["sql", "--format", "xml"], "xml"),
    ],
)
def test_a_wrong_use_of_a_command_is_told_in_words(
    arguments: list[str], said: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [BURSAR, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == ExitCode.BAD_USAGE
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_an_error_that_a_user_can_mend_names_its_remedy(tmp_path: Path) -> None:
    done = subprocess.run(
        [BURSAR, "doctor"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == ExitCode.BAD_USAGE
    assert done.stderr.startswith("error: No billing project here")
    assert "bursar init" in done.stderr


def test_an_interruption_has_its_own_exit_code() -> None:
    program = (
        "import signal, sys, time; sys.argv = ['bursar', 'doctor']\n"
        # A test run in the background has children that ignore interrupts.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from bursar.cli import main, doctor\n"
        "def wait(*_): print('waiting', flush=True); time.sleep(60)\n"
        "doctor.open_project = wait\n"
        "main.main()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n"
        time.sleep(0.1)
        os.kill(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode == ExitCode.INTERRUPTED
    assert "Traceback" not in said
