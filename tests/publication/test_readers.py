"""Whoever has a version open keeps it, while builds run, publish and prune; and holds nobody up."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from bursar.project import Project
from bursar.warehouse import publish
from bursar.warehouse.build import build
from tests.support.monthly_books import monthly_books, run_instant
from tests.support.reading import read_once

PUBLICATIONS = publish.VERSIONS_KEPT + 2
# Opens the published file once, begins to read its lines, and says what it sees whenever asked.
ANALYST = """
import json, sys
import duckdb
from tests.support.reading import _VERSION

connection = duckdb.connect(sys.argv[1], read_only=True)
rows = connection.cursor().execute("from billing.build_info, range(100000)")
rows.fetchone()
for asked in sys.stdin:
    seen = [str(value) for value in connection.execute(_VERSION).fetchall()[0]]
    print(json.dumps(seen), flush=True)
print(1 + len(rows.fetchall()), flush=True)
"""


class Analyst:
    """A process that holds a connection."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def sees(self) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("?\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Published once, with nothing landed."""
    project = monthly_books(tmp_path_factory.mktemp("readers") / "project")
    build(project, as_of=run_instant(0))
    return project


@pytest.fixture
def analyst(books: Project) -> Iterator[Analyst]:
    with subprocess.Popen(
        [sys.executable, "-c", ANALYST, str(books.published_database)],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Analyst(process)


@pytest.mark.slow
def test_an_open_connection_keeps_its_version_and_a_new_one_has_the_newest(
    books: Project, analyst: Analyst
) -> None:
    opened = books.published_database.resolve()
    first = analyst.sees()
    assert first == [str(value) for value in read_once(books.published_database).values()]
    for days in range(1, PUBLICATIONS + 1):
        build(books, as_of=run_instant(0) + timedelta(days=days))
        assert analyst.sees() == first
        newest = read_once(books.published_database)
        assert newest["as_of"] == f"2026-02-{3 + days:02} 00:00:00"
    # Its file was pruned meanwhile, and what it had begun to read is still there to the last row.
    assert not opened.exists()
    said, _ = analyst.process.communicate()
    assert said == "100000\n"
    assert len(publish.versions(books)) == publish.VERSIONS_KEPT


def test_one_process_sees_both_versions_by_the_names_that_the_link_leads_to(
    books: Project,
) -> None:
    """By the link's own name it would get the version that it has open."""
    link = books.published_database
    with duckdb.connect(str(link.resolve()), read_only=True) as held:
        before = held.execute("select built_at from billing.build_info").fetchall()
        build(books, as_of=run_instant(1))
        with duckdb.connect(str(link.resolve()), read_only=True) as new:
            after = new.execute("select built_at from billing.build_info").fetchall()
        assert held.execute("select built_at from billing.build_info").fetchall() == before
    assert after > before
