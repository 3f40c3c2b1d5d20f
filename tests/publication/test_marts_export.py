"""An export of the marts is whole, exact, of one build, and writes over nothing else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bursar.cli.export import marts as marts_command
from bursar.cli.output import Format
from bursar.errors import BursarError, ExitCode
from bursar.landing import faults
from bursar.project import Project
from bursar.warehouse import lock
from bursar.warehouse.build import build
from bursar.warehouse.marts_export import EXPORTS_KEPT, export_marts, exports
from tests.support.small_disk import SmallDisk, full_from, small_disk
from tests.support.small_project import mart_of, small_project, write_model

FEBRUARY_3 = datetime(2026, 2, 3, tzinfo=UTC)
# As many digits as fit, on both sides of the point.
LARGEST = "99999999999999999999999999.999999999999"
INVOICES = [
    {"invoice_id": "a", "total": LARGEST, "issued_at": "2026-02-01T23:59:59.999999"},
    {"invoice_id": "b", "total": f"-{LARGEST}", "void_reason": 'c\'est nul, "1,10" €'},
    {"invoice_id": "c", "total": "0.000000000001"},
]
DESCRIBED = """
models:
  - name: invoices
    config: {persist_docs: {relation: true, columns: true}}
    description: One row per invoice; it's final or not.
    columns:
      - {name: total, description: "What is owed, to the unit's \\"minor\\" part."}
"""
OWN = "select 170141183460469231731687303715884105::hugeint as counted, [1, 2] as some"
POINTS = (
    "export-mart-written:2",
    "export-staged",
    "export-renamed",
    "export-linked",
    "export-pruned",
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = small_project(
        tmp_path_factory.mktemp("exported"),
        {
            "marts/invoices.sql": mart_of("invoices", INVOICES),
            "marts/invoices.yml": DESCRIBED,
            "marts/own.sql": OWN,
        },
    )
    build(project, as_of=FEBRUARY_3)
    return project


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    with small_disk(folder) as mounted:
        yield mounted


def published_rows(project: Project, mart: str) -> list[dict[str, Any]]:
    with duckdb.connect(str(project.published_database.resolve()), read_only=True) as connection:
        found = connection.execute(f"from billing.{mart}")
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def check_whole(folder: Path, project: Project) -> None:
    """Whoever reads `latest` finds every mart of one build."""
    latest = folder / "latest"
    described = json.loads((latest / "manifest.json").read_text())
    assert [mart["name"] for mart in described["marts"]] == ["build_info", "invoices", "own"]
    for mart in described["marts"]:
        path = latest / mart["file"]
        assert path.stat().st_size == mart["bytes"]
        assert pq.read_table(path).num_rows == mart["rows"]
    assert pq.read_table(latest / "invoices.parquet").to_pylist() == published_rows(
        project, "invoices"
    )


def test_every_mart_is_exported_with_its_exact_types_and_digits(
    project: Project, tmp_path: Path
) -> None:
    done = export_marts(project, tmp_path / "out")
    assert [(mart.name, mart.rows) for mart in done.marts] == [
        ("build_info", 1),
        ("invoices", 3),
        ("own", 1),
    ]
    check_whole(tmp_path / "out", project)
    table = pq.read_table(tmp_path / "out" / "latest" / "invoices.parquet")
    types = {name: table.schema.field(name).type for name in ("total", "issued_at", "revision")}
    assert types == {
        "total": pa.decimal128(38, 12),
        "issued_at": pa.timestamp("us"),
        "revision": pa.int32(),
    }
    assert table["total"].to_pylist() == [Decimal(row["total"]) for row in INVOICES]
    own = pq.read_table(tmp_path / "out" / "latest" / "own.parquet")
    assert own.to_pylist() == [{"counted": 170141183460469231731687303715884105, "some": [1, 2]}]
    assert own.schema.field("counted").type == pa.decimal128(38, 0)


def test_what_a_mart_and_its_columns_mean_goes_with_the_file(
    project: Project, tmp_path: Path
) -> None:
    export_marts(project, tmp_path / "out")
    meaning = 'What is owed, to the unit\'s "minor" part.'
    path = tmp_path / "out" / "latest" / "invoices.parquet"
    said = {key.decode(): text.decode() for key, text in pq.read_metadata(path).metadata.items()}
    assert said["description"] == "One row per invoice; it's final or not."
    assert said["as_of"] == "2026-02-03T00:00:00Z"
    assert said["published"] == project.published_database.resolve().name
    assert json.loads(said["columns"])["total"] == meaning
    described = json.loads((tmp_path / "out" / "latest" / "manifest.json").read_text())
    [invoices] = [mart for mart in described["marts"] if mart["name"] == "invoices"]
    assert {"name": "total", "type": "DECIMAL(38,12)", "description": meaning} in invoices[
        "columns"
    ]


def test_an_export_is_of_the_version_that_was_published_when_it_began(
    project: Project, tmp_path: Path
) -> None:
    rows = published_rows(project, "invoices")

    def publishes_another(done: int, total: int) -> None:
        if (done, total) == (1, 3):
            more = [*INVOICES, {"invoice_id": "d", "total": "1"}]
            write_model(project, "marts/invoices.sql", mart_of("invoices", more))
            build(project, as_of=FEBRUARY_3.replace(day=4))

    try:
        done = export_marts(project, tmp_path / "out", publishes_another)
    finally:
        write_model(project, "marts/invoices.sql", mart_of("invoices", INVOICES))
    assert done.as_of == "2026-02-03T00:00:00Z"
    assert pq.read_table(done.folder / "invoices.parquet").to_pylist() == rows
    assert len(published_rows(project, "invoices")) == 4
    assert export_marts(project, tmp_path / "out").as_of == "2026-02-04T00:00:00Z"
    build(project, as_of=FEBRUARY_3)


def test_the_last_three_exports_are_kept_for_those_who_read_them(
    project: Project, tmp_path: Path
) -> None:
    for _ in range(EXPORTS_KEPT + 1):
        export_marts(project, tmp_path / "out")
    assert sorted(exports(tmp_path / "out")) == [2, 3, 4]
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [".bursar-export.lock", "export-2", "export-3", "export-4", "latest"]
    assert (tmp_path / "out" / "latest").readlink() == Path("export-4")


def other_files(folder: Path) -> Path:
    folder.mkdir()
    (folder / "report.xlsx").write_text("mine")
    return folder


def folder_of_the_same_names(folder: Path) -> Path:
    (folder / "export-1").mkdir(parents=True)
    (folder / "latest").mkdir()
    return folder


def a_file(folder: Path) -> Path:
    folder.write_text("mine")
    return folder


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (other_files, "holds something else than exports, such as report.xlsx"),
        (folder_of_the_same_names, "holds something else than exports, such as export-1"),
        (a_file, "is a file"),
    ],
)
def test_what_is_no_folder_of_exports_is_not_written_to(
    project: Project, tmp_path: Path, make: Any, said: str
) -> None:
    folder = make(tmp_path / "mine")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(BursarError, match=said) as raised:
        export_marts(project, folder)
    assert raised.value.exit_code is ExitCode.BAD_USAGE
    assert "which is made if it is not there" in raised.value.remedy
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("room", ["ledger", "landing/exports", "warehouse", "seeds/x", "models"])
def test_the_projects_own_folders_hold_no_exports(project: Project, room: str) -> None:
    with pytest.raises(BursarError, match="which holds a project's own files") as raised:
        export_marts(project, project.root / room)
    assert raised.value.exit_code is ExitCode.BAD_USAGE


def test_without_a_published_version_there_is_nothing_to_export(tmp_path: Path) -> None:
    with pytest.raises(BursarError, match="no published warehouse yet") as raised:
        export_marts(Project(tmp_path / "project"), tmp_path / "out")
    assert raised.value.exit_code is ExitCode.WAREHOUSE_UNAVAILABLE
    assert not (tmp_path / "out").exists()


def test_one_export_to_a_folder_at_a_time(project: Project, tmp_path: Path) -> None:
    export_marts(project, tmp_path / "out")
    with (
        lock.held(tmp_path / "out" / ".bursar-export.lock", "bursar export marts", "exports"),
        pytest.raises(BursarError, match=r"is exporting to .*: bursar export marts") as raised,
    ):
        export_marts(project, tmp_path / "out")
    assert raised.value.exit_code is ExitCode.WAREHOUSE_UNAVAILABLE
    check_whole(tmp_path / "out", project)


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_export_shows_the_one_before_or_the_new_one(
    project: Project, tmp_path: Path, point: str
) -> None:
    folder = tmp_path / "out"
    for _ in range(EXPORTS_KEPT):
        export_marts(project, folder)
    command = [sys.executable, "-c", "from bursar.cli.main import main; main()", "export", "marts"]
    environment = os.environ | {faults.VARIABLE: point}
    killed = subprocess.run(
        [*command, str(folder), "--project-dir", str(project.root)],
        env=environment,
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    is_new = point in ("export-linked", "export-pruned")
    assert (folder / "latest").readlink() == Path(f"export-{4 if is_new else 3}")
    check_whole(folder, project)
    export_marts(project, folder)
    check_whole(folder, project)
    assert len(exports(folder)) == EXPORTS_KEPT
    assert not list(folder.glob("*.tmp"))


@pytest.mark.parametrize("point", ["export-mart-written", "manifest-written"])
def test_a_disk_that_fills_leaves_the_last_export_and_nothing_half_written(
    project: Project, disk: SmallDisk, point: str
) -> None:
    folder = disk.folder / "out"
    export_marts(project, folder)
    with full_from(disk, point):
        with pytest.raises(BursarError, match="no space left on the disk of") as raised:
            export_marts(project, folder)
        assert "the last export stands as it was" in raised.value.message
        assert raised.value.remedy.startswith("Make room on the disk of")
        assert (folder / "latest").readlink() == Path("export-1")
        assert not list(folder.glob("*.tmp"))
        check_whole(folder, project)
    export_marts(project, folder)
    check_whole(folder, project)


def test_the_command_says_files_rows_and_bytes(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "out"
    marts_command(folder, project_dir=project.root, output_format=Format.JSON)
    printed = capsys.readouterr()
    summary = json.loads(printed.out)
    assert float(summary.pop("seconds")) >= 0
    sizes = {path.name: path.stat().st_size for path in (folder / "latest").glob("*.parquet")}
    version = project.published_database.resolve().name
    assert summary == {
        "folder": str(folder.resolve() / "export-1"),
        "published": version,
        "as_of": "2026-02-03T00:00:00Z",
        "rows": 5,
        "bytes": sum(sizes.values()),
        "marts": [
            {
                "mart": name,
                "file": f"{name}.parquet",
                "rows": rows,
                "bytes": sizes[f"{name}.parquet"],
            }
            for name, rows in (("build_info", 1), ("invoices", 3), ("own", 1))
        ],
    }
    words = printed.err.splitlines()
    assert words[0].startswith(
        f"Exported 3 marts, 5 rows, {sum(sizes.values()):,} bytes, of {version},"
    )
    assert words[1] == f"{folder / 'latest'} -> export-1"
    marts_command(folder, project_dir=project.root, output_format=Format.CSV)
    lines = capsys.readouterr().out.splitlines()
    path = folder.resolve() / "export-2" / "invoices.parquet"
    assert lines[0] == "mart,rows,bytes,file"
    assert lines[2] == f"invoices,3,{sizes['invoices.parquet']},{path}"
