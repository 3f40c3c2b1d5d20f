"""The README's tour: every command is run in the demo, and says what the README shows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from bursar.project import Project

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo")]


@dataclass(frozen=True)
class Shown:
    """A command and the lines of its output that the README shows, perhaps not all."""

    command: str
    lines: tuple[str, ...]


def shown() -> list[Shown]:
    """Every command of the README's console blocks, in order."""
    found = []
    for block in re.findall(r"```console\n(.*?)```", README, flags=re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *lines = part.rstrip().split("\n")
            found.append(Shown(command, tuple(line.rstrip() for line in lines)))
    return found


def test_every_command_of_the_tour_says_what_the_readme_shows(
    project: Project, tmp_path: Path
) -> None:
    toured = tmp_path / "fathom"
    shutil.copytree(project.root, toured, symlinks=True)
    # The commands of the environment that runs this test stand in for the one that `make` makes.
    binaries = Path(sys.executable).parent
    environment = os.environ | {"PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}"}
    for step in shown():
        if step.command.startswith(". .venv"):
            continue
        done = subprocess.run(
            step.command,
            shell=True,
            cwd=toured,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        printed = [line.rstrip() for line in (done.stdout + done.stderr).splitlines()]
        missing = [line for line in step.lines if line not in printed]
        assert not missing, f"$ {step.command}\n" + "\n".join(printed)
        is_refused = any("error:" in line for line in step.lines)
        assert done.returncode == (1 if is_refused else 0), "\n".join(printed)


def test_every_file_that_the_readme_leads_to_is_there() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target
