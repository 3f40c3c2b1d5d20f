"""Is a project that was copied its own, parse cache and all?"""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from bursar.project import Project
from bursar.warehouse.dbt_process import invoke
from bursar.warehouse.dbt_runs import QUIET
from bursar.warehouse.parse_cache import CACHE_FILE
from tests.support.small_project import small_project

pytestmark = pytest.mark.slow


def _priced(project: Project) -> str:
    """Loads the seed and says what is in it."""
    assert invoke(project, ["seed", *QUIET]).success
    with duckdb.connect(str(project.build_database)) as connection:
        [(price,)] = connection.execute("select price from main.prices").fetchall()
    return str(price)


def test_a_copy_of_a_project_reads_its_own_seeds_and_not_the_originals(tmp_path: Path) -> None:
    project = small_project(tmp_path / "original")
    prices = project.root / "no_seeds" / "prices.csv"
    prices.parent.mkdir()
    prices.write_text("price\n1\n")
    project.warehouse.mkdir()
    assert _priced(project) == "1"

    shutil.copytree(project.root, tmp_path / "copy")
    prices.write_text("price\n2\n")
    copy = Project(tmp_path / "copy")
    assert _priced(copy) == "1"

    (copy.root / CACHE_FILE).write_bytes(b"torn")
    assert _priced(copy) == "1"
    assert _priced(project) == "2"
