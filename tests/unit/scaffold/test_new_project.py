"""What `bursar init` writes, and what it refuses to write over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from bursar.catalog.relations import RELATIONS
from bursar.errors import BursarError, ExitCode
from bursar.scaffold.new_project import demo_files, new_project, project_name


def test_a_new_project_has_every_relation_empty(tmp_path: Path) -> None:
    project = new_project(tmp_path / "my-billing")
    for relation in RELATIONS:
        text = (project.seeds / f"{relation.name}.csv").read_text()
        assert text == ",".join(relation.column_names) + "\n"


def test_a_new_project_has_the_compiled_models_that_bursars_models_read(tmp_path: Path) -> None:
    project = new_project(tmp_path / "my-billing")
    names = {path.name for path in project.compiled.glob("*.sql")}
    assert names == {
        "metric_definitions.sql",
        "metric_events.sql",
        "metric_number_failures.sql",
        "metric_quantities.sql",
    }


def test_a_new_project_is_named_for_its_folder(tmp_path: Path) -> None:
    project = new_project(tmp_path / "My Billing 2026")
    settings = yaml.safe_load((project.root / "dbt_project.yml").read_text())
    profiles = yaml.safe_load((project.root / "profiles.yml").read_text())
    assert settings["name"] == "my_billing_2026"
    assert settings["profile"] in profiles
    assert "__PROJECT__" not in (project.root / "README.md").read_text()


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("billing", "billing"),
        ("Acme-Billing.v2", "acme_billing_v2"),
        ("2026", "billing_2026"),
        ("bursar", "billing_bursar"),
        ("料金", "billing"),
    ],
)
def test_a_folders_name_becomes_one_that_dbt_takes(folder: str, name: str) -> None:
    assert project_name(folder) == name
    assert re.fullmatch(r"[a-z_][a-z0-9_]*", name)


def test_a_filled_project_has_the_demos_catalog_and_metrics(tmp_path: Path) -> None:
    project = new_project(tmp_path / "filled", with_demo=True)
    for path in (demo_files() / "metrics").iterdir():
        assert (project.metrics / path.name).read_bytes() == path.read_bytes()
    for path in (demo_files() / "seeds").glob("*.csv"):
        assert (project.seeds / path.name).read_bytes() == path.read_bytes()
    assert (project.compiled / "metric_input_tokens.sql").is_file()


def test_a_folder_with_files_is_refused_and_they_are_named(tmp_path: Path) -> None:
    for name in "abcdefg":
        (tmp_path / name).touch()
    with pytest.raises(BursarError) as caught:
        new_project(tmp_path)
    assert caught.value.exit_code is ExitCode.BAD_USAGE
    assert "it has a, b, c, d, e and 2 more. Nothing was written." in caught.value.message
    assert len(list(tmp_path.iterdir())) == len("abcdefg")


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(BursarError, match="is a file"):
        new_project(tmp_path / "taken")


def test_a_freshly_made_git_repository_is_empty_enough(tmp_path: Path) -> None:
    (tmp_path / "books" / ".git").mkdir(parents=True)
    assert new_project(tmp_path / "books").root.name == "books"


def test_the_templates_profile_is_the_demos_own() -> None:
    templates = Path(new_project.__code__.co_filename).parent / "templates"
    user = yaml.safe_load((templates / "profiles.yml").read_text())["__PROJECT__"]
    root = yaml.safe_load((demo_files() / "profiles.yml").read_text())["bursar"]
    assert user == root


def test_the_settings_that_the_template_mentions_are_the_packages() -> None:
    templates = Path(new_project.__code__.co_filename).parent / "templates"
    template = (templates / "dbt_project.yml").read_text()
    package = yaml.safe_load((demo_files() / "dbt_project.yml").read_text())
    mentioned = dict(re.findall(r"^#   (\w+): (\d+)", template, flags=re.MULTILINE))
    assert mentioned == {name: str(value) for name, value in package["vars"].items()}
