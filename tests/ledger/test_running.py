"""What a scheduler calls lands, builds, finalizes and publishes; killed anywhere, it goes on."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from bursar.cli.output import Format
from bursar.cli.run import run as run_command
from bursar.errors import BursarError, ExitCode
from bursar.landing import faults
from bursar.ledger.batches import read_batches
from bursar.ledger.verifying import verify
from bursar.project import Project
from bursar.running import inbox, run
from bursar.warehouse import lock
from bursar.warehouse.dbt_process import Step
from bursar.warehouse.run_state import as_text
from tests.ledger.figures import FEBRUARY_3, FEBRUARY_4
from tests.support.billed_project import INVOICE_ID, billed_project
from tests.support.books import accepted_events, check_batches
from tests.support.landing import land_lines, line

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
COMMAND = [sys.executable, "-c", "from bursar.cli.main import main; main()"]
AT = "2026-02-04T00:00:00Z"
RUN_SECONDS_MAX = 300
ROOT = Path(__file__).parents[2]
# So that the command is this checkout's, wherever the one of the PATH comes from.
_SOURCE = {"PYTHONPATH": str(ROOT / "src")}
# Of a landing, of the run, of a finalization, and of the run again.
POINTS = (
    "manifest-staged",
    "manifest-moved",
    "run-landed",
    "run-moved:1",
    "run-moved:2",
    "run-built",
    "ledger-file-moved:2",
    "ledger-manifest-moved",
    "run-finalized",
    "run-published",
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that was built once, before anything was due."""
    project = billed_project(tmp_path_factory.mktemp("billed") / "project")
    (project.landing / "inbox").mkdir(parents=True)
    assert run(project, FEBRUARY_3.replace(day=1)).finalized.invoice_ids == ()
    return project


@pytest.fixture
def waiting(empty: Project, tmp_path: Path) -> Project:
    """A copy with two files in its inbox, an unfinished and a hidden one beside them."""
    root = tmp_path / "project"
    shutil.copytree(empty.root, root, symlinks=True)
    folder = root / "landing" / "inbox"
    write_usage(folder, FEBRUARY_3)
    (folder / "c.ndjson.part").write_bytes(line("t4"))
    (folder / ".d.ndjson").write_bytes(line("t5"))
    return Project(root)


def write_usage(folder: Path, at: datetime) -> None:
    """Three events and a line that is none, in two files."""
    events = [line(f"t{n}", timestamp=as_text(at)) for n in (1, 2, 3)]
    (folder / "a.ndjson").write_bytes(b"\n".join(events[:2]) + b"\n")
    (folder / "b.ndjson").write_bytes(events[2] + b"\nnot JSON\n")


def published(project: Project) -> list[tuple[str, str]]:
    with duckdb.connect(str(project.published_database.resolve()), read_only=True) as connection:
        return connection.execute("select invoice_id, status from billing.invoices").fetchall()


def call(project: Project, fault: str = "") -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, "run", "--project-dir", str(project.root), "--as-of", AT]
    environment = os.environ | {faults.VARIABLE: fault}
    return subprocess.run(
        command,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=RUN_SECONDS_MAX,
    )


def check_all_is_done(project: Project) -> None:
    assert len(accepted_events(project.root)) == 3
    check_batches(project.root)
    assert inbox(project) == []
    aside = (project.landing / "inbox" / "landed").rglob("*.ndjson")
    assert sorted(path.name for path in aside) == ["a.ndjson", "b.ndjson"]
    assert [list(batch.invoices) for batch in read_batches(project)] == [[INVOICE_ID]]
    assert verify(project).problems == ()
    assert published(project) == [(INVOICE_ID, "finalized")]


def test_a_run_lands_builds_finalizes_and_publishes_and_says_so_in_a_line(
    waiting: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    run_command(as_of=AT, project_dir=waiting.root)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert re.fullmatch(
        r"Run as of 2026-02-04T00:00:00Z: 2 files landed \(4 read = 3 accepted \+ 0 duplicate"
        r" \+ 1 rejected\); 1 invoice finalized, 0 held; published published-3\.duckdb"
        r" in \d+\.\d s\.\n",
        printed.err,
    )
    check_all_is_done(waiting)
    unfinished = {path.name for path in (waiting.landing / "inbox").iterdir() if path.is_file()}
    assert unfinished == {"c.ndjson.part", ".d.ndjson"}

    ledger = read_batches(waiting)
    run_command(as_of=AT, project_dir=waiting.root, output_format=Format.JSON)
    summary = json.loads(capsys.readouterr().out)
    assert float(summary.pop("seconds")) > 0
    assert summary == {
        "as_of": AT,
        "files_landed": 0,
        "events_read": 0,
        "events_accepted": 0,
        "events_duplicate": 0,
        "events_rejected": 0,
        "invoices_finalized": 0,
        "invoices_held": 0,
        "ledger_hash": "",
        "published": "published-4.duckdb",
    }
    assert read_batches(waiting) == ledger
    check_all_is_done(waiting)


@pytest.mark.parametrize("point", POINTS)
def test_a_run_killed_at_any_step_is_made_good_by_the_next(waiting: Project, point: str) -> None:
    assert call(waiting, point).returncode == -signal.SIGKILL
    # Readers have a whole version meanwhile.
    assert published(waiting) in ([(INVOICE_ID, "draft")], [(INVOICE_ID, "finalized")])
    again = call(waiting)
    assert again.returncode == 0, again.stderr
    check_all_is_done(waiting)


def test_one_run_at_a_time(waiting: Project) -> None:
    with (
        lock.exclusive(waiting, "bursar run", lock.RUN_LOCK_FILE),
        pytest.raises(BursarError, match=r"Another process .* bursar run, process") as raised,
    ):
        run(waiting, FEBRUARY_4)
    assert raised.value.exit_code is ExitCode.WAREHOUSE_UNAVAILABLE
    assert len(inbox(waiting)) == 2


def test_a_file_that_cannot_be_landed_stops_the_run_before_anything_is_promised(
    waiting: Project,
) -> None:
    (waiting.landing / "inbox" / "torn.ndjson.gz").write_bytes(b"\x1f\x8b torn")
    with pytest.raises(BursarError, match=r"torn\.ndjson\.gz") as raised:
        run(waiting, FEBRUARY_4)
    assert raised.value.exit_code is ExitCode.WRONG_INPUT
    assert accepted_events(waiting.root) == accepted_events(waiting.root.parent / "none")
    assert read_batches(waiting) == []
    assert len(inbox(waiting)) == 3


def test_what_lands_while_a_run_is_building_is_late_and_stops_nothing(waiting: Project) -> None:
    landed: list[str] = []

    def lands_once(step: Step) -> None:
        if not landed:
            landed.append(step.name)
            now = datetime.now(UTC)
            land_lines(waiting.root, [line("late", timestamp=as_text(now))], received_at=now)

    write_usage(waiting.landing / "inbox", datetime.now(UTC))
    done = run(waiting, on_step=lands_once)
    assert len(landed) == 1
    assert len(accepted_events(waiting.root)) == 4
    assert done.finalized.invoice_ids == (INVOICE_ID,)


def test_the_crontab_of_the_guide_works_in_what_cron_gives(waiting: Project) -> None:
    write_usage(waiting.landing / "inbox", datetime.now(UTC))
    page = (ROOT / "docs" / "guides" / "run-on-a-schedule.md").read_text()
    [table] = re.findall(r"^```crontab\n(.*?)^```$", page, re.M | re.S)
    *settings, job = table.splitlines()
    when, command = " ".join(job.split(" ")[:5]), " ".join(job.split(" ")[5:])
    assert when == "*/15 * * * *"
    assert "%" not in command  # cron takes it for the end of a line
    environment = dict(setting.split("=", 1) for setting in settings)
    scripts = str(Path(sys.executable).parent)
    environment["PATH"] = environment["PATH"].replace("/srv/billing-venv/bin", scripts)
    command = command.replace("/srv/my-billing", str(waiting.root))

    def job_prints() -> str:
        done = subprocess.run(
            [environment["SHELL"], "-c", command],
            env={**environment, "HOME": str(waiting.root), **_SOURCE},
            cwd="/",
            capture_output=True,
            text=True,
            check=True,
            timeout=RUN_SECONDS_MAX,
        )
        return done.stdout + done.stderr

    assert job_prints() == ""
    check_all_is_done(waiting)
    (waiting.landing / "inbox" / "torn.ndjson.gz").write_bytes(b"\x1f\x8b torn")
    assert job_prints() == "bursar run ended with 1\n"
    summaries = (waiting.root / "logs" / "run.ndjson").read_text().splitlines()
    assert [json.loads(summary)["invoices_finalized"] for summary in summaries] == [1]
    assert "torn.ndjson.gz" in (waiting.root / "logs" / "run.txt").read_text()
