"""What `bursar simulate` and `bursar diff` refuse, before anything is computed."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bursar.catalog.relations import BY_NAME, header
from bursar.cli.main import app
from bursar.errors import BursarError, ExitCode, ProblemsFound
from bursar.project import Project
from bursar.simulating import sides
from tests.support.small_project import small_project

WRONG_RATE = "r1,nowhere,nothing,,,2026-01-01,,,flat,1,,,"


@pytest.fixture
def books(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project in whose folder the commands run, with a folder `trial` beside its seeds."""
    project = small_project(tmp_path / "books")
    (project.root / "trial").mkdir()
    (project.root / "trial" / "rates.csv").write_text(header(BY_NAME["rates"]) + "\n")
    monkeypatch.chdir(project.root)
    return project


def refused(*arguments: str) -> BursarError:
    """The error that a command ends with; `main` turns it into words and an exit code."""
    error = CliRunner().invoke(app, arguments).exception
    assert isinstance(error, BursarError)
    return error


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--catalog", "nowhere"), "nowhere is not there"),
        (("--catalog", "seeds"), "seeds is the project's own catalog"),
        (("--catalog", "."), ". is the project's own catalog"),
        (("--catalog", "trial/rates.csv"), "trial/rates.csv is no folder"),
        (("--catalog", "metrics"), "metrics has no file of the catalog, such as rates.csv."),
        (("--catalog", "trial", "--from", "May"), "'May' is no instant"),
        (("--catalog", "trial", "--as-of", "May"), "'May' is no instant"),
        (
            ("--catalog", "trial", "--from", "2026-02-01", "--to", "2026-02-01"),
            "--from 2026-02-01 is not before --to 2026-02-01.",
        ),
    ],
)
@pytest.mark.usefixtures("books")
def test_a_wrong_use_is_told(arguments: tuple[str, ...], message: str) -> None:
    error = refused("simulate", *arguments)
    assert error.message.startswith(message)
    assert error.exit_code is ExitCode.BAD_USAGE
    assert error.remedy


@pytest.mark.usefixtures("books")
def test_a_misspelled_file_is_told_with_the_nearest_name() -> None:
    Path("metrics/rate.csv").write_text("rate_id\n")
    assert (
        "It has rate.csv. Nearest: rates.csv."
        in refused("simulate", "--catalog", "metrics").message
    )


def test_a_broken_catalog_is_told_by_the_folders_lines_and_nothing_is_computed(
    books: Project,
) -> None:
    with (books.root / "trial" / "rates.csv").open("a") as file:
        file.write(WRONG_RATE + "\n")
    error = refused("simulate", "--catalog", "trial")
    assert isinstance(error, ProblemsFound)
    assert error.exit_code is ExitCode.WRONG_INPUT
    assert {(d.path, d.line, d.name) for d in error.diagnostics} == {
        ("trial/rates.csv", 2, "unknown-reference")
    }
    assert not list(books.warehouse.rglob("*.duckdb"))
    assert not list(books.compiled.iterdir())


def test_one_comparison_runs_at_a_time(books: Project) -> None:
    with sides.alone(books, "bursar diff"):
        error = refused("simulate", "--catalog", "trial")
    assert error.exit_code is ExitCode.WAREHOUSE_UNAVAILABLE
    assert "Another process compares bills of this project: bursar diff, process" in error.message


@pytest.mark.usefixtures("books")
def test_a_diff_needs_a_repository() -> None:
    error = refused("diff", "--base", "main")
    assert error.exit_code is ExitCode.BAD_USAGE
    assert "is in no repository" in error.message


@pytest.mark.usefixtures("books")
def test_nothing_simulated_is_told_and_two_warehouses_are_not_asked_at_once() -> None:
    nothing = refused("sql", "--simulated", "select 1")
    assert nothing.exit_code is ExitCode.WAREHOUSE_UNAVAILABLE
    assert nothing.message == "Nothing has been simulated: there is no warehouse/simulated.duckdb."
    two = refused("sql", "--simulated", "--unpublished", "select 1")
    assert two.exit_code is ExitCode.BAD_USAGE
