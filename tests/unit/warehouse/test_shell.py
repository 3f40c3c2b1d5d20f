"""A metric's own text runs unchanged in a DuckDB shell on the published warehouse."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from bursar.landing import LandOptions, land
from bursar.project import Project
from bursar.scaffold.new_project import new_project
from bursar.warehouse.build import build
from bursar.warehouse.shell import distinct_fields

# Customer as sent, hour of 5 January, properties; the last is received after the build's as_of.
EVENTS = [
    ("ann", 1, {"n": "10", "model": "a", "user-agent": "x"}),
    ("desk", 2, {"n": "5", "Model": "B"}),
    ("ann", 3, {"model": "a"}),
    ("bob", 1, {"n": "7", "model": "a"}),
    ("stranger", 1, {"n": "100"}),
    ("ann", 9, {"n": "1000"}),
]
METRIC = """
/* ---
description: Tokens
--- */
select
    sum(properties.n::decimal(38, 12)) as value,
    properties.model as model
from events
where event_type = 'use'
group by all
"""
AT = datetime(2026, 1, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = new_project(tmp_path_factory.mktemp("shell") / "billing")
    (project.metrics / "tokens.sql").write_text(METRIC)
    (project.seeds / "customers.csv").write_text(
        "customer_id,customer_name,billing_provider,billing_provider_customer_id\n"
        "ann,Ann,,\nbob,Bob,,\n"
    )
    (project.seeds / "customer_aliases.csv").write_text("ingest_alias,customer_id\ndesk,ann\n")
    # Two batches, of which one holds the number as a column of its own.
    for number, (events, promoted, day) in enumerate(
        [(EVENTS[:2], ("n",), 8), (EVENTS[2:5], (), 8), (EVENTS[5:], (), 11)]
    ):
        path = project.root / f"events-{number}.ndjson"
        path.write_text("".join(line(f"{number}-{n}", *event) for n, event in enumerate(events)))
        received = datetime(2026, 1, day, number, tzinfo=UTC)
        land(project, [str(path)], LandOptions(received_at=received, promoted=promoted))
    build(project, as_of=AT)
    return project


def line(identifier: str, customer: str, hour: int, properties: dict[str, str]) -> str:
    return (
        json.dumps(
            {
                "transaction_id": identifier,
                "customer_id": customer,
                "event_type": "use",
                "timestamp": f"2026-01-05T{hour:02d}:00:00Z",
                "properties": properties,
            }
        )
        + "\n"
    )


@pytest.fixture
def shell(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[duckdb.DuckDBPyConnection]:
    # A shell is opened anywhere.
    monkeypatch.chdir(tmp_path)
    with duckdb.connect(str(project.published_database.resolve()), read_only=True) as connection:
        connection.execute("use billing")
        yield connection


def enter(shell: duckdb.DuckDBPyConnection, customer: str, start: str, end: str) -> None:
    shell.execute(f"set variable customer = '{customer}'")
    shell.execute(f"set variable window_start = '{start}'")
    shell.execute(f"set variable window_end = '{end}'")


def test_a_metric_runs_unchanged_for_one_customer_and_window(
    shell: duckdb.DuckDBPyConnection,
) -> None:
    enter(shell, "ann", "2026-01-05", "2026-01-05 03:00:00")
    assert sorted(map(str, shell.execute(METRIC).fetchall())) == [
        "(Decimal('10.000000000000'), 'a')",
        "(Decimal('5.000000000000'), None)",
    ]
    enter(shell, "bob", "2026-01-01", "2026-02-01")
    assert shell.execute(f"select count(*) from ({METRIC})").fetchall() == [(1,)]


def test_without_variables_everybody_known_is_shown_as_of_the_build(
    shell: duckdb.DuckDBPyConnection,
) -> None:
    counted = "select customer_id, count(*) from events group by all order by all"
    assert shell.execute(counted).fetchall() == [("ann", 3), ("bob", 1)]


def test_odd_keys_are_fields_and_unseen_keys_are_refused(shell: duckdb.DuckDBPyConnection) -> None:
    odd = 'select count(properties."user-agent") from events'
    assert shell.execute(odd).fetchall() == [(1,)]
    with pytest.raises(duckdb.BinderException, match="modle"):
        shell.execute("select properties.modle from events")


def test_bursars_own_functions_are_there(shell: duckdb.DuckDBPyConnection) -> None:
    enter(shell, "ann", "2026-01-05", "2026-01-06")
    # The last event has no number, so the latest one is the one before it.
    asked = "select latest(properties.n), earliest(properties.n), window_end() from events"
    assert shell.execute(asked).fetchall() == [("5", "10", datetime(2026, 1, 6))]  # noqa: DTZ001 - UTC without a zone


def test_of_two_keys_that_differ_in_case_the_lower_is_the_field() -> None:
    assert sorted(distinct_fields(["Model", "model", "N"])) == ["N", "model"]
