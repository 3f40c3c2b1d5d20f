"""No metric reads, writes or takes down anything: it is refused with its code, or runs in bounds.

The tables beside this file are the cases. A canary stands where the files that they name are looked
for: nobody may ever say what is in it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bursar.errors import BursarError, Severity
from bursar.metrics.compiler import Compilation, compile_metrics
from bursar.metrics.observed import Observed
from bursar.metrics.preview import EVER, Landed, Wanted, preview_query
from bursar.metrics.problems import Source
from bursar.project import Project
from bursar.warehouse.preview import run_preview
from bursar.warehouse.proving import prove
from bursar.warehouse.type_oracle import TypeOracle
from tests.hostile.cases import Case, written
from tests.hostile.made import MADE

CASES = [*written(), *MADE]
CANARY = "canary-1f7e"
LANDED = {"use": frozenset({"n", "tokens", "model"})}
CHECK_SECONDS_MAX = 280


@pytest.fixture(scope="module")
def oracle() -> Iterator[TypeOracle]:
    engine = TypeOracle()
    yield engine
    engine.close()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with canaries wherever a metric may look for a file."""
    for name in ("canary.csv", "events", "events.csv", "x.json", "df.parquet"):
        (tmp_path / name).write_text(f"customer_id,value\n{CANARY},1\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def compiled(case: Case, oracle: TypeOracle) -> Compilation:
    source = Source("hostile", f"metrics/hostile.{case.suffix}", case.text)
    return compile_metrics([source], Observed(LANDED), oracle.describe)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_is_refused_by_code_or_harmless(case: Case, oracle: TypeOracle, folder: Path) -> None:
    before = sorted(folder.rglob("*"))
    found = compiled(case, oracle)
    said = "".join(diagnostic.render() for diagnostic in found.diagnostics)
    errors = [d for d in found.diagnostics if d.severity is Severity.ERROR]
    codes = {d.code or d.name for d in errors}
    assert "internal-error" not in codes, said
    if case.is_accepted:
        assert not codes, said
        assert len(found.metrics) == 1
    else:
        assert set(case.codes.split()) <= codes, said
        assert found.metrics == ()
    assert CANARY not in said
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("case", [c for c in CASES if c.is_accepted], ids=lambda case: case.name)
def test_what_is_accepted_is_proved_and_runs_on_events_alone(
    case: Case, oracle: TypeOracle, landed: Path
) -> None:
    before = sorted(landed.rglob("*"))
    (metric,) = compiled(case, oracle).metrics
    assert prove(Source("hostile", "metrics/hostile.sql", case.text), metric) is None

    def query_for(files: Landed) -> str:
        return preview_query(metric, Wanted(files, None, EVER))

    rows = run_preview(Project(landed), query_for).rows
    assert CANARY not in repr(rows)
    assert sorted(landed.rglob("*")) == before


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one landed event, and all hostile metrics in `attic/`."""
    root = tmp_path_factory.mktemp("project")
    (root / "dbt_project.yml").write_text("name: mine\n")
    (root / "metrics").mkdir()
    (root / "canary.csv").write_text(f"customer_id,value\n{CANARY},1\n")
    event = (
        '{"transaction_id": "1", "customer_id": "ann", "event_type": "use",'
        ' "timestamp": "2026-01-01T00:00:00Z", "properties": {"n": 1, "tokens": 2, "model": "a"}}'
    )
    (root / "events.ndjson").write_text(event + "\n")
    done = bursar(root, "events", "land", "events.ndjson", "--backfill")
    assert done.returncode == 0, done.stderr
    return root


def bursar(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from bursar.cli.main import main; main()", *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        timeout=CHECK_SECONDS_MAX,
    )


def test_all_of_them_in_one_project_open_no_file(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: mine\n")
    (tmp_path / "metrics").mkdir()
    for case in CASES:
        text = case.text.encode("utf-8", "surrogatepass")
        (tmp_path / "metrics" / f"{case.name}.{case.suffix}").write_bytes(text)
    # Whoever opens a pipe to which nobody writes waits for ever.
    os.mkfifo(tmp_path / "canary.csv")
    before = sorted(tmp_path.rglob("*"))
    done = bursar(tmp_path, "metric", "check", "--no-proof")
    assert done.returncode == 1, done.stderr[-2000:]
    refused = [case for case in CASES if not case.is_accepted]
    unnamed = [c.name for c in refused if f"metrics/{c.name}.{c.suffix}" not in done.stderr]
    assert unnamed == []
    assert "Traceback" not in done.stderr
    assert sorted(tmp_path.rglob("*")) == before


BOMBS = [
    "select repeat('x', 3000000000)",
    "select length(repeat('x', 3000000000)) from range(10)",
    "select count(*) from range(1000000) as a, range(1000000) as b",
    "with recursive r as (select 1 as n union all select n + 1 from r) select count(*) from r",
    "select list(range) from range(2000000000)",
    "select sum(n) from (select unnest(range(2000000000)) as n)",
    "select lpad('x', 2000000000, 'y')",
    "select * from '/etc/passwd'",
    "select * from read_text('/etc/passwd')",
    "select * from read_csv('canary.csv')",
    "select * from glob('*')",
    "select * from query('copy (select 1) to ''stolen.csv''')",
    "copy (select 1) to 'stolen.csv'",
    "attach 'stolen.duckdb'",
    "export database 'stolen'",
    "set memory_limit = '100GB'",
    "set enable_external_access = true",
    "install httpfs",
    "select 1; copy (select 1) to 'stolen.csv'",
    "from 'http://127.0.0.1:9/a.csv'",
]


@pytest.mark.parametrize("query", BOMBS)
def test_what_got_past_the_compiler_would_still_be_bounded(
    query: str, landed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bursar.warehouse.preview.TIMEOUT_SECONDS", 5)
    before = sorted(landed.rglob("*"))
    with pytest.raises(BursarError) as refused:
        run_preview(Project(landed), lambda files: query)
    assert CANARY not in refused.value.message
    assert sorted(landed.rglob("*")) == before
