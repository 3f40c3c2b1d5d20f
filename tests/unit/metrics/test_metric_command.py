"""`bursar metric` as a person runs it: data to stdout, words to stderr, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bursar.errors import BursarError
from bursar.metrics.preview import Landed
from bursar.project import Project
from bursar.warehouse.preview import run_preview

EVENTS = [
    {"transaction_id": "1", "customer_id": "ann", "properties": {"n": "1.5", "model": "a"}},
    {"transaction_id": "2", "customer_id": "ann", "properties": {"n": "1e1", "model": "b"}},
    {"transaction_id": "3", "customer_id": "bob", "properties": {"n": "none"}},
]
METRIC = """\
select sum(properties.n::decimal(38, 12)) as value, properties.model as model
from events where event_type = 'use' group by all
"""


def bursar(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from bursar.cli.main import main; main()", *arguments],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    (root / "dbt_project.yml").write_text("name: mine\n")
    (root / "metrics").mkdir()
    (root / "metrics" / "tokens.sql").write_text(METRIC)
    lines = [
        json.dumps({**event, "event_type": "use", "timestamp": f"2026-01-0{day}T00:00:00Z"})
        for day, event in enumerate(EVENTS, start=1)
    ]
    (root / "events.ndjson").write_text("\n".join(lines) + "\n")
    done = bursar(root, "events", "land", "events.ndjson", "--backfill")
    assert done.returncode == 0, done.stderr
    return root


def test_a_preview_shows_quantities_and_the_query_that_ran(landed: Path) -> None:
    done = bursar(landed, "metric", "preview", "tokens", "--format", "csv")
    assert done.stdout.splitlines() == ["customer_id,model,value", "ann,a,1.5", "ann,b,10", "bob,,"]
    assert "from scope_events" in done.stderr


def test_a_preview_can_be_of_one_customer_and_window(landed: Path) -> None:
    done = bursar(
        landed, "metric", "preview", "tokens", "--customer", "ann", "--from", "2026-01-02",
        "--to", "2026-01-03", "--no-query", "--format", "csv",
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("customer_id,model,value\nann,b,10\n", "")


def test_explain_says_what_is_read_and_how_it_is_evaluated(landed: Path) -> None:
    said = bursar(landed, "metric", "explain", "tokens").stdout
    assert "event types      use" in said
    assert "class            additive: a plain sum or count" in said
    assert "sum(" in said


def test_drift_is_reported_with_exit_1_until_it_is_compiled(landed: Path) -> None:
    assert bursar(landed, "metric", "compile", "--check").returncode == 1
    assert bursar(landed, "metric", "compile").returncode == 0
    assert bursar(landed, "metric", "compile", "--check").returncode == 0


def test_a_problem_exits_with_1_and_an_unknown_name_with_2(landed: Path) -> None:
    path = landed / "metrics" / "broken.sql"
    path.write_text("select sum(properties.m) as value from events\n")
    try:
        done = bursar(landed, "metric", "check")
        assert (done.returncode, done.stdout) == (1, "")
        assert "M103 unknown-property" in done.stderr
        assert "M406 text-arithmetic" in done.stderr
        assert bursar(landed, "metric", "check", "tokens").returncode == 0
    finally:
        path.unlink()
    done = bursar(landed, "metric", "explain", "token")
    assert (done.returncode, "Nearest: tokens." in done.stderr) == (2, True)


@pytest.mark.parametrize(
    "query",
    [
        "select * from read_text('/etc/hostname')",
        "copy (select 1) to '/tmp/never'",
        "select 1; select 2",
        "set threads = 1",
        "attach '/tmp/never.duckdb'",
        "select repeat('x', 8000000000)",
    ],
)
def test_a_preview_reads_and_writes_nothing_else(landed: Path, query: str) -> None:
    def query_for(landed: Landed) -> str:
        assert landed.files
        return query

    with pytest.raises(BursarError):
        run_preview(Project(landed), query_for)
    assert not Path("/tmp/never").exists()
