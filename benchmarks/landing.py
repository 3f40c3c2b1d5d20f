"""Landing against the least that could be done: DuckDB's `read_json` to Parquet, nothing judged.

Owns the input, one file of about 250 bytes a line of which 2 % are bad, and the two runs on it,
each in a process of its own so that its peak memory is its own. Both run in the same minute on the
same machine: the figure that travels is their ratio.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

EVENTS = {"small": 1_000_000, "medium": 5_000_000, "large": 50_000_000}
_LINES_AT_ONCE = 10_000
_MEGABYTE = 1_000_000

_BARE = """
import resource, sys, time
import duckdb
begun = time.monotonic()
connection = duckdb.connect(config={"memory_limit": "2GB", "temp_directory": sys.argv[2]})
connection.execute(
    "copy (select * from read_json(?, format = 'newline_delimited', ignore_errors = true, "
    "columns = {transaction_id: 'VARCHAR', customer_id: 'VARCHAR', event_type: 'VARCHAR', "
    "timestamp: 'VARCHAR', properties: 'JSON'})) "
    f"to '{sys.argv[2]}/bare.parquet' (format parquet, compression zstd)", [sys.argv[1]]
)
counts = {}
"""
_LANDING = """
import resource, sys, time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from bursar.landing import LandOptions, land
from bursar.project import Project
begun = time.monotonic()
options = LandOptions(received_at=datetime(2026, 2, 3, tzinfo=UTC), promoted=("model", "tokens"))
counts = asdict(land(Project(Path(sys.argv[2])), [sys.argv[1]], options).manifest.counts)
"""
_REPORT = """
import json
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"seconds": time.monotonic() - begun, "peak_bytes": peak, "counts": counts}))
"""


def measure(folder: Path, scale: str) -> Iterator[dict[str, Any]]:
    """The figures, as they are known.

    Args:
        folder: An empty folder to work in.
        scale: A name of `EVENTS`.
    """
    events = EVENTS[scale]
    source = folder / "events.ndjson"
    bytes_read = _write_events(source, events)
    seconds = {}
    for name, program in (("bare", _BARE), ("landing", _LANDING)):
        (folder / name).mkdir()
        run = _run(program, source, folder / name)
        seconds[name] = run["seconds"]
        yield {
            "figure": f"{name} events per second",
            "scale": scale,
            "events": events,
            "value": round(events / run["seconds"]),
            "megabytes_per_second": round(bytes_read / run["seconds"] / _MEGABYTE, 1),
            "peak_megabytes": round(run["peak_bytes"] / _MEGABYTE),
            **run["counts"],
        }
    ratio = round(seconds["bare"] / seconds["landing"], 3)
    yield {"figure": "landing to bare", "scale": scale, "events": events, "value": ratio}


def _run(program: str, source: Path, folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-c", program + _REPORT, str(source), str(folder)]
    child = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(child.stdout.splitlines()[-1])
    return result


def _write_events(path: Path, events: int) -> int:
    with path.open("w", encoding="utf-8") as file:
        for start in range(0, events, _LINES_AT_ONCE):
            numbers = range(start, min(start + _LINES_AT_ONCE, events))
            file.write("".join(_line(n) for n in numbers))
    return path.stat().st_size


def _line(n: int) -> str:
    """One in fifty is bad: not JSON, no customer, no offset, or a repeated id."""
    second = n * 7 % 86_400
    clock = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
    fields: dict[str, Any] = {
        "transaction_id": f"txn-{n:020d}",
        "customer_id": f"customer-{n % 9973:06d}",
        "event_type": ("llm_request", "embedding", "storage")[n % 3],
        "timestamp": f"2026-01-{11 + n % 20:02d}T{clock}Z",
        "properties": {
            "model": ("opus", "sonnet", "haiku")[n % 7 % 3],
            "tokens": n * 31 % 100_000,
            "region": "eu-west-1",
            "request": f"req-{n * 2_654_435_761 % 2**32:08x}",
            "cached": n % 5 == 0,
        },
    }
    if n % 50 == 49:
        kind = n // 50 % 4
        if kind == 0:
            return json.dumps(fields)[:-9] + "\n"
        broken: dict[str, str] = (
            {"customer_id": ""},
            {"timestamp": f"2026-01-11T{clock}"},
            {"transaction_id": f"txn-{n - 1:020d}"},
        )[kind - 1]
        fields.update(broken)
    return json.dumps(fields) + "\n"
