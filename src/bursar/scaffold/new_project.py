"""Makes a billing project in an empty folder.

Owns the order of the steps and the refusal to write over anything. It leaves what the files say to
`templates/`.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import bursar
from bursar.errors import BursarError, ExitCode
from bursar.package_link import PACKAGE_NAME, checkout, ensure_package
from bursar.project import Project

_TEMPLATES = Path(__file__).parent / "templates"
_FILES = {
    "dbt_project.yml": "dbt_project.yml",
    "packages.yml": "packages.yml",
    "profiles.yml": "profiles.yml",
    "README.md": "README.md",
    "gitignore": ".gitignore",
    "warehouse_gitignore": "warehouse/.gitignore",
    "generate_schema_name.sql": "macros/generate_schema_name.sql",
}
_FOLDERS = ("metrics", "seeds", "models/metrics", "landing/inbox", "ledger")
# dbt would take a project of one of these names for a package of its own.
_TAKEN_NAMES = frozenset({PACKAGE_NAME, "dbt", "dbt_duckdb"})
_SHOWN_MAX = 5


def new_project(folder: Path, *, with_demo: bool = False) -> Project:
    """Makes a billing project.

    Args:
        folder: Where; made if it is not there, else empty (a `.git` may be in it).
        with_demo: Whether to fill it with the demo company's catalog and metrics.

    Returns:
        The project, ready for events and a build.

    Raises:
        BursarError: The folder is not empty or not a folder.
    """
    from bursar.catalog.project import write_empty_seeds
    from bursar.metrics.project import compile_project, write_schema

    root = folder.resolve()
    _refuse_to_overwrite(folder, root)
    name = project_name(root.name)
    for path in _FOLDERS:
        (root / path).mkdir(parents=True, exist_ok=True)
    for template, path in _FILES.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        text = (_TEMPLATES / template).read_text(encoding="utf-8")
        target.write_text(text.replace("__PROJECT__", name), encoding="utf-8", newline="\n")
    project = Project(root)
    if with_demo:
        _copy_demo(project)
    write_empty_seeds(project.seeds)
    write_schema(project)
    ensure_package(project)
    compile_project(project, write=True)
    return project


def project_name(folder_name: str) -> str:
    """A folder's name as dbt takes it: letters, digits and underscores, no digit first."""
    slug = re.sub(r"[^a-z0-9]+", "_", folder_name.lower()).strip("_")
    if not slug or slug[0].isdigit() or slug in _TAKEN_NAMES:
        slug = f"billing_{slug}".rstrip("_")
    return slug


def demo_files() -> Path:
    """The folder with the demo's `seeds/` and `metrics/`: in the wheel, or a checkout's root.

    Raises:
        BursarError: This installation of Bursar has no demo.
    """
    in_wheel = Path(bursar.__file__).parent / "demo_project"
    root = in_wheel if in_wheel.is_dir() else checkout()
    if root is None:
        raise BursarError(
            f"This installation of Bursar, {Path(bursar.__file__).parent}, has no demo.",
            remedy="Install it anew: pip install --force-reinstall bursar",
            exit_code=ExitCode.BAD_USAGE,
        )
    return root


def _copy_demo(project: Project) -> None:
    source = Project(demo_files())
    for pattern, origin, target in (
        ("*.csv", source.seeds, project.seeds),
        ("*.sql", source.metrics, project.metrics),
        ("*.yml", source.metrics, project.metrics),
    ):
        for path in sorted(origin.glob(pattern)):
            shutil.copyfile(path, target / path.name)


def _refuse_to_overwrite(folder: Path, root: Path) -> None:
    if root.exists() and not root.is_dir():
        raise BursarError(
            f"{folder} is a file, and a billing project needs a folder.",
            remedy="Choose another name: bursar init my-billing",
            exit_code=ExitCode.BAD_USAGE,
        )
    found = sorted(p.name for p in root.iterdir() if p.name != ".git") if root.exists() else []
    if found:
        more = len(found) - _SHOWN_MAX
        shown = ", ".join(found[:_SHOWN_MAX]) + (f" and {more} more" if more > 0 else "")
        raise BursarError(
            f"{folder} is not empty: it has {shown}. Nothing was written.",
            remedy="Choose a new folder: bursar init my-billing",
            exit_code=ExitCode.BAD_USAGE,
        )
