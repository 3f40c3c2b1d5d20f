from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from bursar.errors import BursarError, ExitCode, ProblemsFound
from bursar.project import Project
from bursar.warehouse import lock, run_state
from bursar.warehouse.build import build
from bursar.warehouse.dbt_process import Step
from bursar.warehouse.dbt_runs import BuildFailed
from tests.support.small_project import small_project, write_model

AS_OF = datetime(2026, 2, 1, tzinfo=UTC)
ONE = {"marts/one.sql": "select 1 as number", "marts/two.sql": "select * from {{ ref('one') }}"}
TEST = """
models:
  - name: one
    columns:
      - name: number
        data_tests: [not_null, unique]
"""


def rows(path: Path, query: str) -> list[Any]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(query).fetchall()


def number(project: Project) -> list[Any]:
    return rows(project.published_database.resolve(), "select number from billing.two")


def test_a_build_publishes_what_the_models_give(tmp_path: Path) -> None:
    project = small_project(tmp_path, ONE)
    report = build(project, as_of=AS_OF)
    assert number(project) == [(1,)]
    assert report.published == project.warehouse / "published-1.duckdb"
    assert project.published_database.readlink() == Path("published-1.duckdb")


def test_build_info_says_what_it_was_built_from(tmp_path: Path) -> None:
    project = small_project(tmp_path)
    report = build(project, as_of=AS_OF)
    ((as_of, built_at, events, catalog, code),) = rows(
        report.published,
        "select as_of, built_at, events_fingerprint, catalog_fingerprint, code_fingerprint"
        " from billing.build_info",
    )
    assert as_of == AS_OF.replace(tzinfo=None)
    assert built_at == report.state.built_at.replace(tzinfo=None)
    fingerprints = report.state.fingerprints
    assert (events, catalog, code) == (
        fingerprints.events,
        fingerprints.catalog,
        fingerprints.code,
    )


def test_without_as_of_bills_are_as_of_now(tmp_path: Path) -> None:
    before = datetime.now(UTC)
    report = build(small_project(tmp_path))
    assert before <= report.state.as_of <= datetime.now(UTC)


def test_a_second_build_gives_the_same_rows(tmp_path: Path) -> None:
    project = small_project(tmp_path, ONE)
    tables = ("one", "two", "(select * exclude (built_at) from billing.build_info)")
    first, second = (build(project, as_of=AS_OF).published for _ in range(2))
    assert first != second
    for table in tables:
        query = f"select * from {table if '(' in table else f'billing.{table}'}"
        assert rows(first, query) == rows(second, query)


def test_a_test_that_finds_rows_publishes_nothing_and_shows_them(tmp_path: Path) -> None:
    project = small_project(tmp_path, {**ONE, "marts/one.yml": TEST})
    build(project, as_of=AS_OF)
    write_model(project, "marts/one.sql", "select 3 as number union all select 3")
    with pytest.raises(BuildFailed) as raised:
        build(project, as_of=AS_OF)
    assert raised.value.exit_code is ExitCode.NOT_RECONCILED
    (diagnostic,) = raised.value.diagnostics
    assert diagnostic.render() == (
        "models/marts/one.yml: error: test-failed\n"
        "  The test unique_one_number finds 1 row that should not be.\n"
        "    unique_field=3, n_records=2\n"
        "  All of them: bursar sql --unpublished"
        " < target/compiled/bursar/models/marts/one.yml/unique_one_number.sql"
    )
    assert number(project) == [(1,)]
    assert not (project.warehouse / "published-2.duckdb").exists()


def test_every_failing_test_is_told(tmp_path: Path) -> None:
    wrong = "select cast(null as integer) as number union all select 3 union all select 3"
    project = small_project(tmp_path, {"marts/one.sql": wrong, "marts/one.yml": TEST})
    with pytest.raises(BuildFailed) as raised:
        build(project, as_of=AS_OF)
    assert len(raised.value.diagnostics) == 2


def test_a_model_that_fails_publishes_nothing_and_shows_the_reason(tmp_path: Path) -> None:
    project = small_project(tmp_path, ONE)
    build(project, as_of=AS_OF)
    write_model(project, "marts/one.sql", "select numbr as number from (select 1 as number)")
    with pytest.raises(BuildFailed) as raised:
        build(project, as_of=AS_OF)
    assert raised.value.exit_code is ExitCode.WRONG_INPUT
    (diagnostic,) = raised.value.diagnostics
    assert diagnostic.path == "models/marts/one.sql"
    assert diagnostic.name == "model-failed"
    assert 'Referenced column "numbr" not found' in diagnostic.message
    assert number(project) == [(1,)]


def test_a_project_that_does_not_parse_is_told_in_words(tmp_path: Path) -> None:
    project = small_project(tmp_path, {"marts/one.sql": "select * from {{ ref('nothing') }}"})
    with pytest.raises(BursarError, match=r"depends on a node named 'nothing'") as raised:
        build(project, as_of=AS_OF)
    assert raised.value.exit_code is ExitCode.WRONG_INPUT


def test_a_wrong_catalog_and_a_wrong_metric_are_told_at_once_before_anything_is_built(
    tmp_path: Path,
) -> None:
    project = small_project(tmp_path, ONE)
    build(project, as_of=AS_OF)
    (project.seeds / "customers.csv").write_text("customer_id,customer_name,colour\n")
    (project.metrics / "tokens.yml").write_text("aggregation: addition\n")
    write_model(project, "marts/one.sql", "select 2 as number")
    with pytest.raises(ProblemsFound) as raised:
        build(project, as_of=AS_OF)
    assert raised.value.exit_code is ExitCode.WRONG_INPUT
    paths = {diagnostic.path for diagnostic in raised.value.diagnostics}
    assert paths == {"metrics/tokens.yml", "seeds/customers.csv"}
    assert number(project) == [(1,)]


def test_a_test_that_only_warns_does_not_stop_publishing(tmp_path: Path) -> None:
    warns = TEST.replace("[not_null, unique]", "[{unique: {config: {severity: warn}}}]")
    project = small_project(
        tmp_path, {"marts/one.sql": "select 3 as number union all select 3", "marts/one.yml": warns}
    )
    (warning,) = build(project, as_of=AS_OF).warnings
    assert warning.name == "test-warns"
    assert "unique_field=3" in warning.message


def test_projects_in_one_process_do_not_write_each_others_files(tmp_path: Path) -> None:
    projects = [
        small_project(tmp_path / str(n), {"marts/two.sql": f"select {n} as number"}) for n in (1, 2)
    ]
    for project in (*projects, *projects):
        build(project, as_of=AS_OF)
    assert [number(project) for project in projects] == [[(1,)], [(2,)]]


def test_a_reader_keeps_the_version_it_has_open(tmp_path: Path) -> None:
    project = small_project(tmp_path, ONE)
    build(project, as_of=AS_OF)
    with duckdb.connect(str(project.published_database.resolve()), read_only=True) as reader:
        write_model(project, "marts/one.sql", "select 2 as number")
        for _ in range(4):
            build(project, as_of=AS_OF)
        assert reader.execute("select number from billing.two").fetchall() == [(1,)]
    assert number(project) == [(2,)]


def test_a_build_leaves_no_connection_open(tmp_path: Path) -> None:
    project = small_project(tmp_path, ONE)
    build(project, as_of=AS_OF)
    with duckdb.connect(str(project.build_database), config={"threads": 1}) as connection:
        assert connection.execute("select number from billing.two").fetchall() == [(1,)]


def test_a_second_build_at_once_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    project = small_project(tmp_path, ONE)
    with lock.exclusive(project, "bursar build"), pytest.raises(BursarError) as raised:
        build(project, as_of=AS_OF)
    assert raised.value.exit_code is ExitCode.WAREHOUSE_UNAVAILABLE
    assert f"bursar build, process {os.getpid()}, since" in raised.value.message


def test_a_damaged_build_file_is_told_with_the_remedy(tmp_path: Path) -> None:
    project = small_project(tmp_path, ONE)
    project.warehouse.mkdir()
    project.build_database.write_text("this is no database")
    with pytest.raises(BursarError, match=r"warehouse/build\.duckdb cannot be opened") as raised:
        build(project, as_of=AS_OF)
    assert raised.value.exit_code is ExitCode.WAREHOUSE_UNAVAILABLE
    assert "delete it" in raised.value.remedy
    project.build_database.unlink()
    build(project, as_of=AS_OF)


def test_environment_and_working_directory_are_as_before(tmp_path: Path) -> None:
    before = Path.cwd()
    project = small_project(tmp_path, {"marts/one.sql": "select nothing"})
    with pytest.raises(BuildFailed):
        build(project, as_of=AS_OF)
    assert Path.cwd() == before
    assert run_state.RUN_STATE_VARIABLE not in os.environ


def test_every_step_is_told_as_it_begins(tmp_path: Path) -> None:
    steps: list[Step] = []
    build(small_project(tmp_path, ONE), as_of=AS_OF, on_step=steps.append)
    assert [step.index for step in steps] == [1, 2, 3, 4]
    assert {step.total for step in steps} == {4}
    assert {step.name for step in steps} == {"one", "two", "stg_run", "build_info"}


def test_the_file_stays_readable_for_the_oldest_duckdb(tmp_path: Path) -> None:
    report = build(small_project(tmp_path, ONE), as_of=AS_OF)
    header = report.published.read_bytes()[:20]
    assert int.from_bytes(header[12:20], "little") <= 68
