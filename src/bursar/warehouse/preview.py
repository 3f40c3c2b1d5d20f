"""Runs a preview in a process of its own, with bounded memory and time.

Owns the child process and what its connection may do: read the landed files of the preview, and
nothing else. It leaves the query's text to ``bursar.metrics.preview``.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bursar.errors import BursarError
from bursar.landing.compactions import event_files
from bursar.metrics.preview import LandedFiles
from bursar.project import Project

TIMEOUT_SECONDS = 60
ADDRESS_SPACE_BYTES = 4 * 2**30
MEMORY_LIMIT = "1GB"
ROWS_MAX = 10_000


@dataclass(frozen=True)
class PreviewResult:
    """What a preview gave.

    Args:
        query: The SQL that ran.
        rows: Its rows; the last value of each is the quantity.
    """

    query: str
    rows: list[tuple[Any, ...]]


def run_preview(
    project: Project, query_for: Callable[[Sequence[LandedFiles]], str]
) -> PreviewResult:
    """Runs a preview.

    Args:
        project: Whose landed events to read.
        query_for: Makes the query for the event files.

    Raises:
        BursarError: Nothing has landed, or the query failed or needed too much.
    """
    files = _landed_files(project)
    if not files:
        raise BursarError("Nothing has landed yet.", remedy="Land events: bursar events land PATH")
    query = query_for(files)
    paths = [path for group in files for path in group.paths]
    request = json.dumps({"query": query, "paths": paths})
    try:
        child = subprocess.run(
            [sys.executable, "-m", "bursar.warehouse.preview"],
            input=request,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BursarError(
            f"The preview ran for more than {TIMEOUT_SECONDS} seconds and was stopped.",
            remedy="Preview fewer events: --customer C, or a shorter --from ... --to ....",
        ) from error
    if child.returncode != 0:
        reason = child.stderr.strip().split("\n")[-1] or f"exit status {child.returncode}"
        raise BursarError(
            f"The preview failed: {reason}",
            remedy="Preview fewer events: --customer C, or a shorter --from ... --to ....",
        )
    rows = json.loads(child.stdout)
    return PreviewResult(
        query, [(*row[:-1], None if row[-1] is None else Decimal(row[-1])) for row in rows]
    )


def _landed_files(project: Project) -> list[LandedFiles]:
    by_layout: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for file in event_files(project):
        layout = tuple(sorted((pair.property, pair.column) for pair in file.promoted))
        by_layout.setdefault(layout, []).append(str(project.root / file.path))
    return [
        LandedFiles(tuple(sorted(paths)), dict(layout))
        for layout, paths in sorted(by_layout.items())
    ]


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
        rows = connection.execute(statements[0]).fetchmany(ROWS_MAX)
    except (duckdb.Error, MemoryError) as error:
        sys.exit(str(error).partition("\n")[0] or type(error).__name__)
    texts = [[None if value is None else str(value) for value in row] for row in rows]
    json.dump(texts, sys.stdout)


if __name__ == "__main__":
    _run_as_child()
