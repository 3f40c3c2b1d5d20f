"""`bursar init` on the command line: what it says, and how it refuses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def _init(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from bursar.cli.main import main; main()", "init"]
    return subprocess.run([*command, *arguments], cwd=cwd, capture_output=True, text=True)


def test_it_says_what_to_do_next_to_a_person_and_nothing_to_a_pipe(tmp_path: Path) -> None:
    done = _init("my-billing", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout == ""
    assert "Made a billing project in my-billing." in done.stderr
    assert "  cd my-billing\n" in done.stderr


def test_a_folder_in_use_is_bad_usage_told_without_a_trace(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").touch()
    done = _init(".", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == (
        "error: . is not empty: it has letters.txt. Nothing was written.\n"
        "Choose a new folder: bursar init my-billing\n"
    )
