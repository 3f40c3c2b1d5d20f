"""What a side's folder is made of, and what of the project it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import yaml

from bursar.errors import Diagnostic
from bursar.simulating import settings
from bursar.simulating.workspace import Layer, lay_out, own_inputs, snapshot_ledger
from tests.support.small_project import PROJECT_FILE, small_project


def test_a_file_of_the_folder_stands_in_place_of_the_projects_wherever_that_is(
    tmp_path: Path,
) -> None:
    project = small_project(tmp_path / "project")
    (project.seeds / "ours").mkdir()
    (project.seeds / "ours" / "regions.csv").write_text("region\n")
    trial = tmp_path / "trial"
    trial.mkdir()
    for name in ("rates", "regions"):
        (trial / f"{name}.csv").write_text(f"other {name}\n")
    own = own_inputs(project)
    side = lay_out(project, "after", replace(own, seeds=(*own.seeds, Layer(trial, "trial"))))
    seeds = side.project.seeds
    assert (seeds / "rates.csv").read_text() == "other rates\n"
    assert (seeds / "ours" / "regions.csv").read_text() == "other regions\n"
    assert not (seeds / "regions.csv").exists()
    products = (project.seeds / "products.csv").read_text()
    assert (seeds / "products.csv").read_text() == products
    wrong = Diagnostic("seeds/rates.csv", 1, 1, "x", "Not in seeds/products.csv.")
    [told] = side.told([wrong])
    assert (told.path, told.message) == ("trial/rates.csv", "Not in seeds/products.csv.")


def test_a_second_look_forgets_the_first_folders_files(tmp_path: Path) -> None:
    project = small_project(tmp_path / "project")
    trial = tmp_path / "trial"
    trial.mkdir()
    (trial / "own.csv").write_text("a\n1\n")
    own = own_inputs(project)
    lay_out(project, "after", replace(own, seeds=(*own.seeds, Layer(trial, "trial"))))
    (project.root / "models" / "marts" / "build_info.sql").unlink()
    side = lay_out(project, "after", own)
    assert not (side.project.seeds / "own.csv").exists()
    assert not (side.project.root / "models" / "marts" / "build_info.sql").is_symlink()


def test_the_ledger_is_that_of_the_moment(tmp_path: Path) -> None:
    project = small_project(tmp_path / "project")
    side = lay_out(project, "before", own_inputs(project))
    for folder in ("batches", "invoices", "_staging"):
        (project.ledger / folder).mkdir(parents=True)
    (project.ledger / "batches" / "1.json").write_text("{}")
    snapshot_ledger(project, side.project)
    (project.ledger / "batches" / "2.json").write_text("{}")
    assert [path.name for path in (side.project.ledger / "batches").iterdir()] == ["1.json"]
    assert (side.project.ledger / "invoices").is_symlink()
    assert not (side.project.ledger / "_staging").exists()


def test_a_side_never_writes_the_file_that_the_projects_profile_names(tmp_path: Path) -> None:
    project = small_project(tmp_path / "project")
    profiles = project.root / "profiles.yml"
    assert settings.profiles_text(project) == profiles.read_text()
    profiles.write_text(
        "bursar:\n  target: prod\n  outputs:\n"
        "    prod: {type: duckdb, path: /srv/books/build.duckdb, schema: main}\n"
    )
    [output] = yaml.safe_load(settings.profiles_text(project))["bursar"]["outputs"].values()
    assert output == {"type": "duckdb", "path": "warehouse/build.duckdb", "schema": "main"}
    profiles.write_text("bursar: {{ not_yaml }}\n")
    profile = yaml.safe_load(settings.profiles_text(project))["bursar"]
    assert profile["outputs"][profile["target"]]["path"] == "warehouse/build.duckdb"


def test_relations_kept_elsewhere_are_read_from_the_folder_that_states_them(
    tmp_path: Path,
) -> None:
    project = small_project(tmp_path / "project")
    assert settings.project_text(project, {"rates"}) == PROJECT_FILE
    place = "\nvars: {catalog_source: {type: parquet, folder: crm, relations: [rates, contracts]}}"
    (project.root / "dbt_project.yml").write_text(PROJECT_FILE + place)
    assert settings.project_text(project, {"customers"}) == PROJECT_FILE + place
    for instead, left in (
        ({"rates"}, {"type": "parquet", "folder": "crm", "relations": ["contracts"]}),
        ({"rates", "contracts"}, {"type": "seeds"}),
    ):
        document = yaml.safe_load(settings.project_text(project, instead))
        found = document["vars"]["catalog_source"]
        assert {name: found[name] for name in left} == left
