"""The catalog on disk: made, read, checked."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bursar.catalog.project import check_project, read_project, write_empty_seeds
from bursar.catalog.relations import RELATIONS, header
from bursar.project import Project
from tests.support.catalogs import METRICS, USAGE, catalog_files, relation_text


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "dbt_project.yml").write_text("name: books\n", encoding="utf-8")
    write_empty_seeds(tmp_path / "seeds")
    for name, text in catalog_files().items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return Project(tmp_path)


def test_every_relation_gets_its_file(tmp_path: Path) -> None:
    written = write_empty_seeds(tmp_path / "seeds")
    expected = {f"{relation.name}.csv" for relation in RELATIONS} | {"_catalog.yml"}
    assert {path.name for path in written} == expected
    for relation in RELATIONS:
        text = (tmp_path / "seeds" / f"{relation.name}.csv").read_text(encoding="utf-8")
        assert text == header(relation) + "\n"


def test_writing_again_changes_nothing(tmp_path: Path) -> None:
    write_empty_seeds(tmp_path)
    assert write_empty_seeds(tmp_path) == ()


def test_files_with_rows_stay_and_old_properties_do_not(tmp_path: Path) -> None:
    write_empty_seeds(tmp_path)
    (tmp_path / "customers.csv").write_text("mine\n", encoding="utf-8")
    (tmp_path / "_catalog.yml").write_text("version: 2\n", encoding="utf-8")
    assert write_empty_seeds(tmp_path) == (tmp_path / "_catalog.yml",)
    assert (tmp_path / "customers.csv").read_text(encoding="utf-8") == "mine\n"


def test_a_good_project_is_fine_and_its_rows_are_counted(project: Project) -> None:
    report = read_project(project, METRICS)
    assert report.diagnostics == ()
    assert report.row_counts["customers"] == 2
    assert report.row_counts["commits"] == 0
    assert tuple(report.row_counts) == tuple(relation.name for relation in RELATIONS)


def test_seeds_may_lie_in_folders(project: Project) -> None:
    folder = project.seeds / "prices"
    folder.mkdir()
    shutil.move(project.seeds / "rates.csv", folder / "rates.csv")
    assert check_project(project, METRICS) == []


def test_a_projects_own_seeds_are_not_the_catalogs(project: Project) -> None:
    (project.seeds / "sales_regions.csv").write_text("region\nus\n", encoding="utf-8")
    assert check_project(project, METRICS) == []


def test_a_missing_file_is_told_with_its_header(project: Project) -> None:
    (project.seeds / "subscriptions.csv").unlink()
    (found,) = check_project(project, METRICS)
    assert found.render().startswith("seeds/subscriptions.csv: error: missing-file\n")
    assert "subscription_id,contract_id,product_id," in found.message


def test_a_file_that_is_not_utf_8_is_told_and_its_rows_are_not_missed(project: Project) -> None:
    text = "customer_id,customer_name,billing_provider,billing_provider_customer_id\nacme,Ä,,\n"
    (project.seeds / "customers.csv").write_bytes(text.encode("latin-1"))
    (found,) = check_project(project, METRICS)
    assert found.render() == (
        "seeds/customers.csv:2: error: not-utf-8\n"
        "  The file is not UTF-8 from here on. Save it as UTF-8."
    )


def test_a_metric_that_does_not_parse_is_there_all_the_same(project: Project) -> None:
    project.metrics.mkdir()
    (project.metrics / "half_written.sql").write_text("select", encoding="utf-8")
    products = [{**USAGE, "metric_name": "half_written"}]
    files = {
        "products": relation_text("products", products),
        "rates": relation_text("rates", []),
        "rate_tiers": relation_text("rate_tiers", []),
    }
    for name, text in files.items():
        (project.seeds / f"{name}.csv").write_text(text, encoding="utf-8")
    assert check_project(project, METRICS) == []


def test_a_relation_of_another_source_needs_no_file(project: Project) -> None:
    (project.seeds / "contracts.csv").unlink()
    variables = "vars: {catalog_source: {type: source, source: crm, relations: [contracts]}}"
    (project.root / "dbt_project.yml").write_text(f"name: books\n{variables}\n", encoding="utf-8")
    assert check_project(project, METRICS) == []
