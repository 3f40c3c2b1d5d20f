"""Runs a preview in a process of its own, with bounded memory and time.

Owns the child process and what its connection may do: read the landed files of the preview, and
nothing else. It leaves the query's text to ``bursar.metrics.preview``.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from bursar.errors import BursarError
from bursar.landing.compactions import event_files
from bursar.metrics.preview import EVER, Landed, LandedFiles, Window
from bursar.project import Project

TIMEOUT_SECONDS = 60
ADDRESS_SPACE_BYTES = 4 * 2**30
MEMORY_LIMIT = "1GB"
ROWS_MAX = 100_000
_NARROWER = "Ask for fewer events: --customer C, or a shorter --from ... --to ...."
# How the engine, Python and the system say that the bound on memory was hit.
_MEMORY_WORDS = ("memory", "allocat", "bad_alloc")


@dataclass(frozen=True)
class PreviewResult:
    """What a preview gave.

    Args:
        query: The SQL that ran.
        rows: Its rows; the last values of each are quantities.
        is_cut: Whether there are more than `ROWS_MAX`.
    """

    query: str
    rows: list[tuple[Any, ...]]
    is_cut: bool


def run_preview(
    project: Project,
    query_for: Callable[[Landed], str],
    *,
    window: Window = EVER,
    quantities: int = 1,
) -> PreviewResult:
    """Runs a preview.

    Args:
        project: Whose landed events to read.
        query_for: Makes the query for the event files.
        window: Files of other days are not read.
        quantities: How many of the last columns are numbers.

    Raises:
        BursarError: Nothing has landed, or the query failed or needed too much.
    """
    landed = _landed(project, window)
    if not landed.files:
        raise BursarError("Nothing has landed yet.", remedy="Land events: bursar events land PATH")
    query = query_for(landed)
    found = _in_a_child({"query": query, "paths": landed.paths})
    rows = [
        (*row[:-quantities], *(None if n is None else Decimal(n) for n in row[-quantities:]))
        for row in found[:ROWS_MAX]
    ]
    return PreviewResult(query, rows, len(found) > ROWS_MAX)


def _in_a_child(request: dict[str, object]) -> list[list[str | None]]:
    try:
        child = subprocess.run(
            [sys.executable, "-m", "bursar.warehouse.preview"],
            input=json.dumps(request),
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BursarError(
            f"The preview ran for more than {TIMEOUT_SECONDS} seconds and was stopped.",
            remedy=_NARROWER,
        ) from error
    if child.returncode == 0:
        rows: list[list[str | None]] = json.loads(child.stdout)
        return rows
    reason = child.stderr.strip().split("\n")[-1] or f"exit status {child.returncode}"
    is_memory = child.returncode < 0 or any(word in reason.lower() for word in _MEMORY_WORDS)
    if is_memory:
        raise BursarError(
            f"The preview needs more memory than it may use, {MEMORY_LIMIT}, and was stopped.",
            remedy=_NARROWER,
        )
    raise BursarError(f"The preview failed: {reason}", remedy=_NARROWER)


def _landed(project: Project, window: Window) -> Landed:
    by_layout: dict[tuple[tuple[str, str], ...], list[str]] = {}
    every = event_files(project)
    # Of days outside the window one file is kept, so that the query has something to read.
    for file in [file for file in every if _is_inside(file.event_date, window)] or every[:1]:
        layout = tuple(sorted((pair.property, pair.column) for pair in file.promoted))
        by_layout.setdefault(layout, []).append(str(project.root / file.path))
    aliases = project.seeds / "customer_aliases.csv"
    return Landed(
        tuple(
            LandedFiles(tuple(sorted(paths)), dict(layout))
            for layout, paths in sorted(by_layout.items())
        ),
        str(aliases) if aliases.is_file() else "",
    )


def _is_inside(event_date: str, window: Window) -> bool:
    day = datetime.fromisoformat(event_date)
    if window.start is not None and day + timedelta(days=1) <= window.start:
        return False
    return window.end is None or day < window.end


def _run_as_child() -> None:
    """The child's whole life: a request on stdin, rows on stdout."""
    # Before the engine is loaded: what a string function asks for is outside the engine's own
    # limit.
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))
    import duckdb

    request = json.load(sys.stdin)
    connection = duckdb.connect(
        ":memory:", config={"threads": 2, "memory_limit": MEMORY_LIMIT, "temp_directory": ""}
    )
    paths = ", ".join("'" + path.replace("'", "''") + "'" for path in request["paths"])
    for setting in (
        "set TimeZone = 'UTC'",
        f"set allowed_paths = [{paths}]",
        "set enable_external_access = false",
        "set python_enable_replacements = false",
        "set enable_progress_bar = false",
        "set lock_configuration = true",
    ):
        connection.execute(setting)
    try:
        statements = connection.extract_statements(request["query"])
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            sys.exit("A preview runs one SELECT.")
        rows = connection.execute(statements[0]).fetchmany(ROWS_MAX + 1)
    except (duckdb.Error, MemoryError) as error:
        sys.exit(str(error).partition("\n")[0] or type(error).__name__)
    texts = [[None if value is None else str(value) for value in row] for row in rows]
    json.dump(texts, sys.stdout)


if __name__ == "__main__":
    _run_as_child()
