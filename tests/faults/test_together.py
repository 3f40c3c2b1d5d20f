"""Landers, compacters, readers and builds at the same time: each sees whole batches only."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from bursar.errors import BursarError, ExitCode
from bursar.landing import LandOptions, land
from bursar.landing.compact import CompactOptions, compact
from bursar.landing.lock import landing_lock
from bursar.landing.manifests import read_manifests
from bursar.project import Project
from bursar.warehouse.build import build
from bursar.warehouse.dbt_process import Step
from tests.support.books import accepted_events, check_batches
from tests.support.landing import RECEIVED_AT, land_lines, line
from tests.support.small_project import ROOT, small_project

SOURCE = Path(__file__).parents[2] / "src"
LANDERS = 4
BATCHES = 30
LANDS_AND_COMPACTS = """
import sys
from datetime import datetime, timedelta
from pathlib import Path
from bursar.landing import LandOptions, land
from bursar.landing.compact import CompactOptions, compact
from bursar.project import Project

project, batches = Project(Path(sys.argv[1])), int(sys.argv[2])
for batch in range(batches):
    received_at = datetime(2026, 2, 3) + timedelta(minutes=batch)
    land(project, [str(project.root / f"{batch}.ndjson")], LandOptions(received_at=received_at))
    if batch % 3 == 2:
        compact(project, CompactOptions(now=received_at))
"""


def test_a_reader_sees_whole_batches_during_landings_and_compactions(tmp_path: Path) -> None:
    for batch in range(BATCHES):
        lines = [
            line(f"t{batch}-{n}", timestamp=f"2026-02-0{1 + n % 2}T00:00:00Z") for n in range(40)
        ]
        (tmp_path / f"{batch}.ndjson").write_bytes(b"\n".join([*lines, lines[0], b"bad"]))
    command = [sys.executable, "-c", LANDS_AND_COMPACTS, str(tmp_path), str(BATCHES)]
    environment = os.environ | {"PYTHONPATH": str(SOURCE)}
    seen = set()
    with subprocess.Popen(command, env=environment) as lander:
        while lander.poll() is None:
            seen.add(len(check_batches(tmp_path)))
            assert len(accepted_events(tmp_path)) % 40 == 0
    assert lander.returncode == 0
    assert len(check_batches(tmp_path)) == BATCHES
    # Otherwise it has read before and after, and proves nothing.
    assert len(seen) > 3


def test_landers_at_once_take_turns_and_no_event_is_lost_or_twice(tmp_path: Path) -> None:
    """Each has events of its own, and all have one event in common."""
    (tmp_path / "dbt_project.yml").touch()
    landers = []
    for lander in range(LANDERS):
        path = tmp_path / f"{lander}.ndjson"
        own = [line(f"t{lander}-{n}") for n in range(300)]
        path.write_bytes(b"\n".join([*own, line("common")]))
        command = [
            sys.executable,
            "-c",
            "from bursar.cli.main import main; main()",
            "events",
            "land",
        ]
        options = ["--wait", "120", "--received-at", "2026-02-03T00:00:00Z"]
        landers.append(
            subprocess.Popen(
                [*command, *options, "--project-dir", str(tmp_path), str(path)],
                env=os.environ | {"PYTHONPATH": str(SOURCE)},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
    said = [lander.communicate(timeout=200)[1] for lander in landers]
    assert [lander.returncode for lander in landers] == [0] * LANDERS, said
    manifests = check_batches(tmp_path)
    assert sorted(m.counts.accepted for m in manifests) == [*[300] * (LANDERS - 1), 301]
    ids = [row[0] for row in accepted_events(tmp_path)]
    assert len(ids) == len(set(ids)) == LANDERS * 300 + 1


def test_a_lander_that_waits_says_for_whom(tmp_path: Path) -> None:
    heard: list[str] = []
    path = tmp_path / "usage.ndjson"
    path.write_bytes(line("a"))
    options = LandOptions(received_at=RECEIVED_AT, wait_seconds=0.3, on_wait=heard.append)
    with landing_lock(tmp_path / "landing"):
        began = time.monotonic()
        with pytest.raises(BursarError, match="held by process") as caught:
            land(Project(tmp_path), [str(path)], options)
        assert time.monotonic() - began >= 0.3
    assert caught.value.exit_code is ExitCode.WAREHOUSE_UNAVAILABLE
    [holder] = heard
    assert holder.startswith(f"process {os.getpid()} since ")
    land(Project(tmp_path), [str(path)], options)
    assert len(heard) == 1


@pytest.mark.slow
def test_what_lands_during_a_build_is_in_every_model_or_in_none(tmp_path: Path) -> None:
    """A batch is received before the build's instant, and committed between two of its models."""
    model = "{{ landed_relation('rejected', {'raw': 'varchar'}) }}"
    events = "select transaction_id from ({{ bursar.landed_events() }})"
    models = {
        "staging/before.sql": model,
        "staging/events_before.sql": events,
        "marts/meanwhile.sql": "select * from {{ ref('before') }}",
        "marts/events_after.sql": f"{events} -- {{{{ ref('meanwhile') }}}}",
        "marts/rejects_after.sql": f"{model} -- {{{{ ref('meanwhile') }}}}",
    }
    project = small_project(tmp_path, models)
    shutil.copy(ROOT / "macros" / "landed_events.sql", project.root / "macros")
    received_at = datetime.now(UTC) - timedelta(minutes=1)
    recent = received_at.isoformat()
    land_lines(project.root, [line("first", timestamp=recent), b"bad"], received_at=received_at)

    def lands(step: Step) -> None:
        if step.name == "meanwhile":
            lines = [line("second", timestamp=recent), b"worse"]
            land_lines(project.root, lines, received_at=received_at)
            compact(project, CompactOptions())

    for seen, on_step in ((1, lands), (2, None)):
        report = build(project, on_step=on_step)
        assert len(read_manifests(project)) == 2
        assert report.state.events_accepted == seen
        with duckdb.connect(str(report.published), read_only=True) as connection:
            tables = (
                "work.before",
                "work.events_before",
                "billing.events_after",
                "billing.rejects_after",
            )
            for table in tables:
                assert connection.table(table).count("*").fetchall() == [(seen,)], table
