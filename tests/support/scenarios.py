"""Runs a scenario folder as a small project, and says how its bill differs from the expected.

A folder holds `seeds/`, `metrics/`, `events.ndjson`, `received_at.txt`, `as_of.txt`,
`expected_line_items.csv`, `expected_invoices.csv`, and perhaps `expected_<mart>.csv` with some of
that mart's columns, and `vars.yml` with project variables. It leaves builds that scenarios share to
``tests.support.shared_builds``.
"""

from __future__ import annotations

import csv
import shutil
from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb

from bursar.catalog.project import write_empty_seeds
from bursar.cli.output import plain
from bursar.landing import LandOptions, land
from bursar.landing.instants import instant_to_datetime, parse_instant
from bursar.metrics.project import read_definitions
from bursar.project import PROJECT_FILE, Project
from bursar.scaffold.new_project import new_project
from bursar.warehouse.build import build

_COMMENTS = "  +persist_docs: {relation: true, columns: true}\n"
# The tests of single columns: every other build of the test suite runs them, this many times would
# take longer than the bills. Those in tests/dbt, which say that a bill adds up, run here, too.
_NO_COLUMN_TESTS = "\ndata_tests:\n  bursar:\n" + "".join(
    f"    {room.name}:\n      +enabled: false\n"
    for room in sorted((Path(__file__).parents[2] / "models").iterdir())
)
LINE_KEY = (
    "contract_id, invoice_type, period_start, line_type, product_id, pricing_group_values, "
    "presentation_group_values, pricing_unit, commit_id"
)
LINES = f"""
    select {LINE_KEY.replace("contract_id", "lines.contract_id")}, lines.quantity, lines.amount
    from billing.invoice_line_items as lines
    inner join (select invoice_id, invoice_type, period_start from billing.invoices)
        using (invoice_id)
"""
INVOICES = "select contract_id, invoice_type, period_start, currency, total from billing.invoices"


def run_scenario(folder: Path, root: Path) -> Project:
    """Makes the project in `root`, lands the events and builds as of the scenario's instant.

    A project that is there already is emptied and used again: dbt has parsed its package by then.
    """
    project = _emptied(Project(root)) if root.exists() else without_column_tests(new_project(root))
    _set_vars(project, folder / "vars.yml")
    for source in sorted((folder / "seeds").glob("*.csv")):
        shutil.copy(source, project.seeds / source.name)
    for source in sorted((folder / "metrics").iterdir()):
        shutil.copy(source, project.metrics / source.name)
    promoted = sorted({key for metric in read_definitions(project) for key in metric.properties})
    received_at = _instant(folder / "received_at.txt")
    options = LandOptions(received_at=received_at, is_backfill=True, promoted=tuple(promoted))
    land(project, [str(folder / "events.ndjson")], options)
    build(project, as_of=_instant(folder / "as_of.txt"))
    return project


def differences(folder: Path, project: Project, mark: str = "") -> list[str]:
    """What the published bill has otherwise than the scenario expects; empty when it is right.

    Of a build that scenarios share, only rows that hold the scenario's mark are compared, and
    without it.
    """
    with duckdb.connect(str(project.published_database), read_only=True) as connection:
        found = _compare(
            _summed(_expected(folder / "expected_line_items.csv"), sums=2),
            _summed(_rows(connection, LINES, mark), sums=2),
        )
        found += _compare(
            _summed(_expected(folder / "expected_invoices.csv"), sums=1),
            _summed(_rows(connection, INVOICES, mark), sums=1),
        )
        for path in sorted(folder.glob("expected_*.csv")):
            mart = mart_of(path)
            if mart in ("line_items", "invoices"):
                continue
            columns = path.read_text().splitlines()[0]
            expected = sorted(map(tuple, _expected(path)))
            whole_row = f"select {columns}, {mart}::varchar from billing.{mart}"
            actual = sorted(row[:-1] for row in _rows(connection, whole_row, mark))
            if expected != actual:
                found.append(f"{mart}: expected {expected}, got {actual}")
    return found


def mart_of(expectation: Path) -> str:
    """The mart that an `expected_<mart>.csv` is about."""
    return expectation.stem.removeprefix("expected_")


def without_column_tests(project: Project) -> Project:
    """Leaves out of a project's builds what takes most of their time and is of no figure."""
    settings = project.root / "dbt_project.yml"
    text = settings.read_text()
    assert _COMMENTS in text
    settings.write_text(text.replace(_COMMENTS, "") + _NO_COLUMN_TESTS)
    return project


def _set_vars(project: Project, stated: Path) -> None:
    settings, plain_settings = (project.root / name for name in (PROJECT_FILE, "without_vars.yml"))
    if not plain_settings.exists():
        shutil.copy(settings, plain_settings)
    wanted = plain_settings.read_text() + (stated.read_text() if stated.exists() else "")
    if settings.read_text() != wanted:
        settings.write_text(wanted)


def _emptied(project: Project) -> Project:
    for folder in (project.landing, project.ledger, project.warehouse, project.metrics):
        shutil.rmtree(folder)
        folder.mkdir()
    shutil.rmtree(project.seeds)
    write_empty_seeds(project.seeds)
    return project


def _instant(path: Path) -> datetime:
    return instant_to_datetime(parse_instant(path.read_text().strip()))


def _expected(path: Path) -> list[tuple[str, ...]]:
    with path.open(newline="") as file:
        return [tuple(row) for row in list(csv.reader(file))[1:]]


def _rows(connection: duckdb.DuckDBPyConnection, query: str, mark: str) -> list[tuple[str, ...]]:
    rows = [tuple(plain(v) for v in row) for row in connection.execute(query).fetchall()]
    return [
        tuple(value.replace(mark, "") if mark else value for value in row)
        for row in rows
        if any(mark in value for value in row)
    ]


def _summed(
    rows: list[tuple[str, ...]], *, sums: int
) -> dict[tuple[str, ...], tuple[Decimal, ...]]:
    totals: dict[tuple[str, ...], list[Decimal]] = defaultdict(lambda: [Decimal(0)] * sums)
    for row in rows:
        key, figures = row[:-sums], row[-sums:]
        totals[key] = [a + Decimal(b) for a, b in zip(totals[key], figures, strict=True)]
    return {key: tuple(figures) for key, figures in totals.items()}


def _compare(
    expected: dict[tuple[str, ...], tuple[Decimal, ...]],
    actual: dict[tuple[str, ...], tuple[Decimal, ...]],
) -> list[str]:
    """The keys whose figures differ; a line whose figures are all 0 may be absent."""
    found = []
    for key in sorted(set(expected) | set(actual)):
        zero = (Decimal(0),) * len(next(iter((expected or actual).values())))
        one, other = expected.get(key), actual.get(key)
        is_invoice = len(zero) == 1
        same = one == other if is_invoice else (one or zero) == (other or zero)
        if not same:
            found.append(f"{key}: expected {_figures(one)}, got {_figures(other)}")
    return found


def _figures(figures: tuple[Decimal, ...] | None) -> str:
    return "nothing" if figures is None else " and ".join(format(f, "f") for f in figures)
