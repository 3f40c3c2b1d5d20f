"""How a project finds the dbt package of the installed Bursar."""

from __future__ import annotations

from pathlib import Path

import pytest

from bursar.package_link import checkout, ensure_package, is_package_itself
from bursar.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "dbt_project.yml").write_text("name: shop\n")
    (tmp_path / "packages.yml").write_text("packages:\n  - local: .bursar/package\n")
    return Project(tmp_path)


def _snapshot(folder: Path) -> dict[str, tuple[str, int]]:
    links = [p for p in folder.rglob("*") if p.is_symlink()]
    return {str(p): (str(p.readlink()), p.lstat().st_ino) for p in links}


def test_dbt_finds_the_package_where_dbt_deps_would_put_it(project: Project) -> None:
    ensure_package(project)
    package = project.root / "dbt_packages" / "bursar"
    assert "name: bursar" in (package / "dbt_project.yml").read_text()
    assert (package / "macros" / "generate_schema_name.sql").is_file()
    assert (package / "models" / "marts" / "invoices.sql").is_file()
    assert list((package / "tests" / "dbt").glob("*.sql"))


def test_the_demos_own_metrics_and_catalog_are_not_in_the_package(project: Project) -> None:
    ensure_package(project)
    package = project.root / ".bursar" / "package"
    assert not (package / "models" / "metrics").exists()
    assert not (package / "seeds").exists()


def test_the_second_time_nothing_is_touched(project: Project) -> None:
    ensure_package(project)
    before = _snapshot(project.root)
    ensure_package(project)
    assert _snapshot(project.root) == before


def test_a_link_that_leads_elsewhere_is_made_anew(project: Project, tmp_path: Path) -> None:
    ensure_package(project)
    link = project.root / ".bursar" / "package"
    link.unlink()
    link.symlink_to(tmp_path / "an-older-bursar")
    ensure_package(project)
    assert (link / "dbt_project.yml").is_file()


def test_a_model_that_is_gone_from_bursar_is_gone_from_the_package(project: Project) -> None:
    ensure_package(project)
    root = checkout()
    assert root is not None
    gone = project.root / ".bursar" / "package" / "models" / "marts" / "gone.sql"
    gone.symlink_to(root / "README.md")
    ensure_package(project)
    assert not gone.is_symlink()


def test_the_link_that_dbt_deps_makes_is_left_alone(project: Project) -> None:
    ensure_package(project)
    installed = project.root / "dbt_packages" / "bursar"
    installed.unlink()
    installed.symlink_to(project.root / ".bursar" / "package")
    before = _snapshot(project.root / "dbt_packages")
    ensure_package(project)
    assert _snapshot(project.root / "dbt_packages") == before


def test_a_copy_from_where_links_were_not_possible_is_replaced(project: Project) -> None:
    copied = project.root / "dbt_packages" / "bursar"
    copied.mkdir(parents=True)
    (copied / "dbt_project.yml").write_text("name: bursar\n")
    ensure_package(project)
    assert copied.is_symlink()


def test_a_project_with_the_package_from_elsewhere_is_left_alone(project: Project) -> None:
    (project.root / "packages.yml").write_text("packages:\n  - git: https://example.com/b.git\n")
    ensure_package(project)
    assert not (project.root / ".bursar").exists()
    assert not (project.root / "dbt_packages").exists()


@pytest.mark.parametrize(
    "line", ["name: bursar", "name: 'bursar'", 'name: "bursar"  # the package']
)
def test_the_package_itself_needs_no_link(project: Project, line: str) -> None:
    (project.root / "dbt_project.yml").write_text(f"# a comment\n{line}\nprofile: x\n")
    assert is_package_itself(project)
    ensure_package(project)
    assert not (project.root / ".bursar").exists()
