"""A landing that is really killed, at every named instant; `test_campaign` kills at all others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bursar.landing import LandOptions, faults, land
from bursar.landing.manifests import read_manifests
from bursar.project import Project
from tests.support.landing import RECEIVED_AT, land_lines, landed, line

SOURCE = Path(__file__).parents[2] / "src"
LANDER = """
import sys
from datetime import datetime
from pathlib import Path
from bursar.landing import LandOptions, land
from bursar.landing.readers import chunk
from bursar.project import Project

chunk.CHUNK_LINES_MAX = 1  # every file is a chunk
print("started", flush=True)
options = LandOptions(received_at=datetime(2026, 2, 3))
land(Project(Path(sys.argv[1])), [sys.argv[2]], options)
"""
EVENTS = 400


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with one batch landed, and three files to land that repeat events of it."""
    land_lines(tmp_path, [line(f"old{n}") for n in range(20)])
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for part in range(3):
        lines = [
            line(f"new{n}", timestamp=f"2026-01-{10 + n % 9}T12:00:00Z")
            for n in range(part, EVENTS, 3)
        ]
        (inbox / f"{part}.ndjson").write_bytes(b"\n".join([*lines, line(f"old{part}"), b"bad"]))
    return tmp_path


def start(root: Path, point: str = "") -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": str(SOURCE), faults.VARIABLE: point}
    command = [sys.executable, "-c", LANDER, str(root), str(root / "inbox" / "*.ndjson")]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)


def batches(root: Path) -> int:
    return len(read_manifests(Project(root)))


def check_readers_see_whole_batches(root: Path) -> None:
    """What manifests name stands on disk, and is all of a batch or nothing."""
    found = landed(root)
    accepted = [row["transaction_id"] for row in found.accepted]
    assert len(accepted) == len(set(accepted))
    assert len(accepted) in (20, 20 + EVENTS)
    for manifest in read_manifests(Project(root)):
        rows = [row for row in found.accepted if row["batch_id"] == manifest.batch_id]
        assert len(rows) == manifest.counts.accepted


def check_recovery(root: Path) -> None:
    """Landing the same files again makes everything whole, once."""
    check_readers_see_whole_batches(root)
    options = LandOptions(received_at=RECEIVED_AT)
    land(Project(root), [str(root / "inbox" / "*.ndjson")], options)
    found = landed(root)
    ids = sorted(row["transaction_id"] for row in found.accepted)
    assert ids == sorted([f"old{n}" for n in range(20)] + [f"new{n}" for n in range(EVENTS)])
    standing = {p.relative_to(root).as_posix() for p in (root / "landing").rglob("*.parquet")}
    named = {path for manifest in read_manifests(Project(root)) for path in manifest.files}
    assert standing == named
    assert list((root / "landing" / "_staging").iterdir()) == []


COMMITTED = ("manifest-moved", "committed", "cleaned")


@pytest.mark.parametrize("point", faults.POINTS)
def test_a_landing_killed_at_any_point_is_whole_or_nothing(root: Path, point: str) -> None:
    with start(root, point) as lander:
        assert lander.wait(60) == -signal.SIGKILL
    assert batches(root) == (2 if point in COMMITTED else 1)
    check_recovery(root)


def test_recovery_that_is_killed_too_recovers(root: Path) -> None:
    for point in ("all-files-moved", "file-moved", "locked", "manifest-staged"):
        with start(root, point) as lander:
            assert lander.wait(60) == -signal.SIGKILL
    check_recovery(root)
