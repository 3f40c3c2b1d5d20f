"""A compaction that is really killed, at every named instant; `test_campaign` kills at others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from bursar.landing import faults
from bursar.landing.compact import GRACE, CompactOptions, compact
from bursar.landing.compactions import event_files, read_compactions
from bursar.project import Project
from tests.support.landing import RECEIVED_AT, land_lines, line

SOURCE = Path(__file__).parents[2] / "src"
COMPACTER = """
import sys
from datetime import datetime
from pathlib import Path
from bursar.landing.compact import CompactOptions, compact
from bursar.project import Project

print("started", flush=True)
now = datetime.fromisoformat(sys.argv[2])
compact(Project(Path(sys.argv[1])), CompactOptions(promoted=("n",), now=now))
"""
NOW = RECEIVED_AT + timedelta(days=1)
LATER = NOW + GRACE
COMMITTED = ("manifest-moved", "committed", "cleaned")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Four batches of three days; one day is compacted, and has had a file more since."""
    for batch in range(3):
        lines = [
            line(f"t{batch}-{n}", timestamp=f"2026-02-0{1 + n % 3}T12:00:00Z") for n in range(60)
        ]
        land_lines(tmp_path, lines, received_at=RECEIVED_AT + timedelta(hours=batch))
    compact(Project(tmp_path), CompactOptions(day="2026-02-01", now=RECEIVED_AT))
    land_lines(tmp_path, [line("t3-0", timestamp="2026-02-01T12:00:00Z")])
    return tmp_path


def start(root: Path, point: str = "", now: datetime = LATER) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": str(SOURCE), faults.VARIABLE: point}
    command = [sys.executable, "-c", COMPACTER, str(root), now.astimezone(UTC).isoformat()]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)


def check_readers_see_each_event_once(root: Path) -> None:
    files = [str(root / file.path) for file in event_files(Project(root))]
    with duckdb.connect() as connection:
        relation = connection.read_parquet(files, union_by_name=True, hive_partitioning=False)
        found = relation.project("transaction_id").order("transaction_id").fetchall()
    wanted = [f"t{batch}-{n}" for batch in range(3) for n in range(60)]
    assert [row[0] for row in found] == sorted([*wanted, "t3-0"])


def check_recovery(root: Path) -> None:
    """Compacting again ends what was begun, and a grace later nothing superfluous stands."""
    check_readers_see_each_event_once(root)
    project = Project(root)
    compact(project, CompactOptions(promoted=("n",), now=LATER))
    check_readers_see_each_event_once(root)
    assert len(event_files(project)) == 3
    compact(project, CompactOptions(promoted=("n",), now=LATER + GRACE))
    check_readers_see_each_event_once(root)
    events = root / "landing" / "events"
    standing = {path.relative_to(root).as_posix() for path in events.rglob("*.parquet")}
    assert standing == {file.path for file in event_files(project)}
    assert list((root / "landing" / "_staging").iterdir()) == []


@pytest.mark.parametrize("point", faults.COMPACTION_POINTS)
def test_a_compaction_killed_at_any_point_shows_each_event_once(root: Path, point: str) -> None:
    with start(root, point) as compacter:
        assert compacter.wait(60) == -signal.SIGKILL
    merged = [len(compaction.replaces) for compaction in read_compactions(Project(root))]
    assert merged == ([5] if point in COMMITTED else [3])
    check_recovery(root)


def test_a_landing_recovers_from_a_killed_compaction(root: Path) -> None:
    with start(root, "all-files-moved") as compacter:
        assert compacter.wait(60) == -signal.SIGKILL
    land_lines(root, [b"bad"])
    named = {file.path for file in event_files(Project(root))}
    events = root / "landing" / "events"
    merged = {path.relative_to(root).as_posix() for path in events.rglob("compacted-*")}
    assert merged <= named
    check_recovery(root)
