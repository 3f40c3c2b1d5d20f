"""The documentation as the tests see it: pages, their links, and code blocks with what they print.

A page is run like a reader would run it: its `sh` blocks one after the other in one folder, its
`sql` blocks through `bursar sql`. A `text` block right after one is what it prints; there, `…`
alone on a line stands for any lines, and within a line for any text.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$(?:\s*^```text\n(.*?)^```$)?", re.M | re.S)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A code block: its language, its text, and what it prints, if the page shows that."""

    language: str
    text: str
    prints: str | None


def written_pages() -> list[Path]:
    return sorted(DOCS.rglob("*.md"))


def blocks(page: Path) -> Iterator[Block]:
    for language, text, prints in _BLOCK.findall(page.read_text(encoding="utf-8")):
        if language in ("sh", "sql"):
            yield Block(language, text, prints or None)


def links(page: Path) -> list[str]:
    return _LINK.findall(re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.M | re.S))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def run_page(page: Path, folder: Path) -> list[str]:
    """Runs a page's blocks in a folder; returns what went otherwise than the page says."""
    wrong: list[str] = []
    for block in blocks(page):
        command = block.text if block.language == "sh" else f"bursar sql {shlex.quote(block.text)}"
        printed, status, folder = run_shell(command, folder)
        if status != 0:
            return [*wrong, f"{block.text}exit code {status}:\n{printed}"]
        if block.prints is not None and not matches(block.prints, printed):
            wrong.append(f"{block.text}prints\n{printed}\nand not\n{block.prints}")
    return wrong


def run_shell(command: str, folder: Path) -> tuple[str, int, Path]:
    """Runs a command; returns what it prints, its exit code, and the folder that it ends in."""
    scripts = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"}
    mark = "the folder is now "
    done = subprocess.run(
        ["bash", "-e", "-c", f"{command}\necho; echo {shlex.quote(mark)}$PWD"],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=240,
        check=False,
    )
    printed, _, ended_in = done.stdout.rpartition(f"\n{mark}")
    if done.returncode != 0:
        return done.stdout, done.returncode, folder
    return printed, 0, Path(ended_in.strip())


def matches(shown: str, printed: str) -> bool:
    """Whether a page shows what was printed, but for blank lines and blanks at ends of lines."""
    pattern = "".join(
        r"(?:.*\n)*?" if line == "…" else ".*".join(map(re.escape, line.split("…"))) + r"\n"
        for line in _lines(shown)
    )
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in _lines(printed))) is not None


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines() if line.strip()]
