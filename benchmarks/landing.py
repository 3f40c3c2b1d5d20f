"""Landing against the least that could be done: DuckDB's `read_json` to Parquet, nothing judged.

Owns the input, one file of about 280 bytes a line of which 2 % are bad, and the runs on it, each in
a process of its own so that its peak memory is its own. All run in the same minutes on the same
machine: the figure that travels is their ratio. The bare run keeps properties as the text they came
in; a second one makes the map of them that a warehouse reads.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

EVENTS = {"small": 1_000_000, "medium": 5_000_000, "large": 50_000_000}
_EVENT_TYPES = ("llm_request",) * 10 + ("embedding",) * 5 + ("storage",) * 3 + ("api_call",) * 2
_MODELS = ("opus", "sonnet", "haiku", "gpt-5-mini", "embed-large")
_REGIONS = ("eu-west-1", "us-east-1")
_BLOCK_LINES = 1_000_000
_MEGABYTE = 1_000_000

_BARE = """
import resource, sys, time
import duckdb
begun = time.monotonic()
connection = duckdb.connect(config={"memory_limit": "2GB", "temp_directory": sys.argv[2]})
connection.execute(
    "copy (select * from read_json(?, format = 'newline_delimited', ignore_errors = true, "
    "columns = {transaction_id: 'VARCHAR', customer_id: 'VARCHAR', event_type: 'VARCHAR', "
    "timestamp: 'VARCHAR', properties: 'PROPERTIES'})) "
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
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({
    "seconds": time.monotonic() - begun,
    "cpu_seconds": used.ru_utime + used.ru_stime,
    "peak_bytes": used.ru_maxrss * 1024,
    "counts": counts,
}))
"""
_RUNS = {
    "bare": _BARE.replace("PROPERTIES", "JSON"),
    "bare with a map": _BARE.replace("PROPERTIES", "MAP(VARCHAR, VARCHAR)"),
    "landing": _LANDING,
}


def measure(folder: Path, scale: str) -> Iterator[dict[str, Any]]:
    """The figures, as they are known.

    Args:
        folder: An empty folder to work in.
        scale: A name of `EVENTS`.
    """
    events = EVENTS[scale]
    source = folder / "events.ndjson"
    bytes_read = _write_events(source, events)
    runs: dict[str, dict[str, Any]] = {}
    for name, program in _RUNS.items():
        (folder / name).mkdir()
        run = runs[name] = _run(program, source, folder / name)
        shutil.rmtree(folder / name)
        yield {
            "figure": f"{name}: events per second",
            "scale": scale,
            "events": events,
            "value": round(events / run["seconds"]),
            "megabytes_per_second": round(bytes_read / run["seconds"] / _MEGABYTE, 1),
            "cpu_seconds": round(run["cpu_seconds"], 2),
            "peak_megabytes": round(run["peak_bytes"] / _MEGABYTE),
            **run["counts"],
        }
    for name in ("bare", "bare with a map"):
        yield {
            "figure": f"landing to {name}",
            "scale": scale,
            "events": events,
            "value": round(runs[name]["seconds"] / runs["landing"]["seconds"], 3),
            "by_cpu": round(runs[name]["cpu_seconds"] / runs["landing"]["cpu_seconds"], 3),
        }


def _run(program: str, source: Path, folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-c", program + _REPORT, str(source), str(folder)]
    child = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(child.stdout.splitlines()[-1])
    return result


def _write_events(path: Path, events: int) -> int:
    chance = random.Random(7)  # the same file each time
    block = "".join(_line(n, chance) for n in range(min(events, _BLOCK_LINES)))
    with path.open("w", encoding="utf-8") as file:
        for number in range(-(-events // _BLOCK_LINES)):
            # The same events under other ids: making 50 million one by one would take longer than
            # all that is measured.
            file.write(block.replace('"txn-', f'"t{number:02d}-'))
    return path.stat().st_size


def _line(n: int, chance: random.Random) -> str:
    """One in fifty is bad: not JSON, no customer, no offset, or a repeated id."""
    milliseconds = chance.randrange(86_400_000)
    second = milliseconds // 1_000
    clock = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
    fields: dict[str, Any] = {
        "transaction_id": f"txn-{n:08x}-{chance.getrandbits(64):016x}",
        "customer_id": f"customer-{min(int(chance.paretovariate(1.1) * 7), 9_999):05d}",
        "event_type": chance.choice(_EVENT_TYPES),
        "timestamp": f"2026-01-{11 + n % 20:02d}T{clock}.{milliseconds % 1000:03d}Z",
        "properties": {
            "model": chance.choice(_MODELS),
            "tokens": chance.randrange(20_000),
            "region": chance.choice(_REGIONS),
            "request": f"{chance.getrandbits(64):016x}",
        },
    }
    if n % 4 == 0:
        fields["properties"]["seconds"] = chance.randrange(9_000) / 1_000
    if n % 5 == 0:
        fields["properties"]["cached"] = True
    if n % 50 == 49:
        kind = n // 50 % 4
        if kind == 0:
            return json.dumps(fields)[:-9] + "\n"
        broken: dict[str, str] = (
            {"customer_id": ""},
            {"timestamp": f"2026-01-11T{clock}"},
            {"transaction_id": f"txn-{n % 50:08x}-again"},
        )[kind - 1]
        fields.update(broken)
    return json.dumps(fields) + "\n"
