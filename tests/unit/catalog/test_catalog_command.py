"""`bursar catalog check`, from the files to what a person reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bursar.catalog.project import write_empty_seeds
from bursar.cli.catalog import app
from bursar.errors import ExitCode, ProblemsFound
from tests.support.catalogs import USAGE, catalog_files, relation_text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "dbt_project.yml").write_text("name: books\n", encoding="utf-8")
    write_empty_seeds(tmp_path / "seeds")
    for name, text in catalog_files().items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "metrics").mkdir()
    (tmp_path / "metrics" / "tokens.yml").write_text(
        "aggregation: sum\nevent_types: [use]\nproperty: n\ngroup_keys: [model, user]\n",
        encoding="utf-8",
    )
    return tmp_path


def test_a_good_catalog_is_counted(folder: Path) -> None:
    done = CliRunner().invoke(app, ["check", "--project-dir", str(folder), "--format", "json"])
    assert done.exit_code == 0, done.output
    assert {"relation": "customers", "rows": 2} in json.loads(done.stdout)
    assert "The catalog is fine: 14 rows in 9 relations." in done.stderr


def test_a_broken_catalog_ends_with_one(folder: Path) -> None:
    rates = (folder / "seeds" / "rates.csv").read_text(encoding="utf-8")
    (folder / "seeds" / "rates.csv").write_text(rates.replace(",tokens,", ",token,"))
    done = CliRunner().invoke(app, ["check", "--project-dir", str(folder)])
    assert isinstance(done.exception, ProblemsFound)
    assert done.exception.exit_code is ExitCode.WRONG_INPUT
    assert done.exception.message == "1 problem in the catalog."
    assert "Nearest: tokens." in done.exception.diagnostics[0].message
    assert done.stdout == ""


def test_products_are_held_against_the_projects_metrics(folder: Path) -> None:
    products = relation_text("products", [{**USAGE, "metric_name": "tokns"}])
    (folder / "seeds" / "products.csv").write_text(products, encoding="utf-8")
    done = CliRunner().invoke(app, ["check", "--project-dir", str(folder)])
    assert isinstance(done.exception, ProblemsFound)
    messages = [found.message for found in done.exception.diagnostics]
    assert (
        "No metric is named tokns. Metrics are the files in metrics/. Nearest: tokens." in messages
    )


def test_a_warning_stops_nothing(folder: Path) -> None:
    (folder / "seeds" / "rate_tier.csv").write_text("rate_id\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["check", "--project-dir", str(folder)])
    assert done.exit_code == 0
    assert "seeds/rate_tier.csv: warning: unknown-relation" in done.stderr
