"""A small batch against months of landed keys: what it costs to know that nothing is billed twice.

Owns the history, key files and manifests of as many batches a day as people land, and the runs: the
command as a whole, against none of the history and against all of it, on the same lines.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
from tests.support.landing import line

from bursar.landing.instants import datetime_to_instant, format_instant, instant_to_name
from bursar.landing.manifests import VERSION, Counts, Manifest, manifest_path
from bursar.project import Project

_DAYS = 34
_RECEIVED_AT = datetime(2026, 2, 3, tzinfo=UTC)
_ROUNDS = 3
_MEGABYTE = 1_000_000
_COMMAND = "from bursar.cli.main import main; main()"


def measure(folder: Path, keys: int, events: int, batches_a_day: int) -> Iterator[dict[str, Any]]:
    """The figures, as they are known.

    Args:
        folder: An empty folder to work in.
        keys: How many keys the history holds.
        events: How many events are landed.
        batches_a_day: In how many batches the history was landed each day.
    """
    medians = {}
    for name, landed in (("none", 0), ("all", keys)):
        project = Project(folder / name)
        project.root.mkdir()
        (project.root / "dbt_project.yml").write_text("name: bench\n")
        if landed:
            _write_history(project, landed, batches_a_day)
        runs = [_run(project, round_number, events) for round_number in range(_ROUNDS)]
        medians[name] = sorted(run["seconds"] for run in runs)[_ROUNDS // 2]
        yield {
            "figure": f"seconds to land {events:,} events against {landed:,} keys",
            "value": round(medians[name], 3),
            "all": [round(run["seconds"], 3) for run in runs],
            "peak_megabytes": max(round(run["peak_bytes"] / _MEGABYTE) for run in runs),
        }
    yield {"figure": "all keys to none", "value": round(medians["all"] / medians["none"], 2)}


def _write_history(project: Project, keys: int, batches_a_day: int) -> None:
    """Key files and manifests of batches that were received evenly over the days of the window."""
    batches = _DAYS * batches_a_day
    for number in range(batches):
        received_at = _RECEIVED_AT - timedelta(days=_DAYS) * (number + 1) / (batches + 1)
        rows = keys * (number + 1) // batches - keys * number // batches
        _write_batch(project, received_at, rows)


def _write_batch(project: Project, received_at: datetime, rows: int) -> None:
    instant = datetime_to_instant(received_at)
    batch_id = f"{instant_to_name(instant)}-{rows:08x}"
    path = f"landing/keys/ingest_date={received_at.date().isoformat()}/{batch_id}.parquet"
    (project.root / path).parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(
            "copy (select uuid() as transaction_key, uuid() as content_key, ?::timestamp as "
            f"received_at, ? as batch_id from range(?)) to '{project.root / path}' "
            "(format parquet, compression zstd)",
            [received_at.replace(tzinfo=None), batch_id, rows],
        ).fetchall()
    manifest = Manifest(
        version=VERSION,
        batch_id=batch_id,
        received_at=format_instant(instant),
        is_backfill=False,
        sources=(),
        counts=Counts(rows, rows, 0, 0),
        rejected_by_reason={},
        event_files=(),
        duplicate_files=(),
        rejected_files=(),
        key_files=(path,),
        properties_seen=(),
    )
    manifest_path(project, batch_id).parent.mkdir(parents=True, exist_ok=True)
    manifest_path(project, batch_id).write_text(manifest.to_json())


def _run(project: Project, round_number: int, events: int) -> dict[str, Any]:
    """The whole command, from its start to its end."""
    source = project.root / f"{round_number}.ndjson"
    lines = (line(f"txn-{round_number}-{n}", properties={"tokens": n}) for n in range(events))
    source.write_bytes(b"\n".join(lines))
    command = [sys.executable, "-c", _COMMAND, "events", "land", str(source)]
    options = [
        "--project-dir",
        str(project.root),
        "--received-at",
        format_instant(datetime_to_instant(_RECEIVED_AT)),
    ]
    begun = time.monotonic()
    child = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    seconds = time.monotonic() - begun
    if status:
        raise RuntimeError("the landing failed")
    return {"seconds": seconds, "peak_bytes": used.ru_maxrss * 1024}
