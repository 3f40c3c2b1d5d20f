"""How far long work is, for a person at a terminal.

Owns the line on stderr that counts while events land or metrics are proved. It says nothing in a
pipe, nor of work that is over at once.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bursar.cli.output import say

LONG_SECONDS = 2.0
_MEGABYTE = 1_000_000


@contextmanager
def landing_progress() -> Iterator[Callable[[int, int], None]]:
    """Shows progress in the body, which tells of each step's lines and bytes."""
    if not sys.stderr.isatty():
        yield lambda lines, size: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    lines_done = bytes_done = 0
    begun = time.monotonic()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Landing: reading the first lines")

        def advance(lines: int, size: int) -> None:
            nonlocal lines_done, bytes_done
            lines_done += lines
            bytes_done += size
            seconds = time.monotonic() - begun
            progress.update(task, description=f"Landing: {_pace(lines_done, bytes_done, seconds)}")

        yield advance
    seconds = time.monotonic() - begun
    if seconds >= LONG_SECONDS:
        say(f"{_pace(lines_done, bytes_done, seconds)}, in {seconds:,.0f} s")


@contextmanager
def counting(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Shows how many of some things are done in the body, which tells of it."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what)
        yield lambda done: progress.update(task, description=f"{what}: {done} of {total}")


def _pace(lines: int, size: int, seconds: float) -> str:
    megabytes = size / _MEGABYTE
    return f"{lines:,} lines, {megabytes:,.0f} MB; {lines / max(seconds, 1e-6):,.0f} lines/s"
