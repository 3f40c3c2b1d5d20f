"""Where the dbt package is, and how a user's project points at it.

Owns `.bursar/package` and `dbt_packages/bursar`: git-ignored links that every command which drives
dbt makes anew when they are missing or lead elsewhere, so that an upgrade of Bursar reaches a
project without `dbt deps`. It leaves `packages.yml`, which names the link, to `bursar init`, and
running dbt to `bursar.warehouse`.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import bursar
from bursar.errors import BursarError, ExitCode
from bursar.project import PROJECT_FILE, Project

PACKAGE_NAME = "bursar"
LINK = Path(".bursar/package")
# dbt finds files below a folder without following links to folders, so a checkout is mirrored file
# by file.
MIRROR = Path(".bursar/checkout")
PACKAGE_FOLDERS = ("models", "macros", "tests/dbt")
DEMO_FOLDER = Path("models/metrics")


def installed_package() -> Path | None:
    """The dbt package that the wheel carries; none in a source checkout."""
    folder = Path(bursar.__file__).parent / "dbt_package"
    return folder if (folder / PROJECT_FILE).is_file() else None


def checkout() -> Path | None:
    """The root of the source checkout that this code runs from; none in an installed wheel."""
    root = Path(bursar.__file__).parents[2]
    return root if (root / PROJECT_FILE).is_file() and (root / "macros").is_dir() else None


def is_package_itself(project: Project) -> bool:
    """Whether a project is the dbt package's own root, the demo, which needs no link to itself."""
    for line in (project.root / PROJECT_FILE).read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        if key == "name":
            return value.partition("#")[0].strip().strip("\"'") == PACKAGE_NAME
    return False


def ensure_package(project: Project) -> None:
    """Makes dbt find the package of this very Bursar; cheap, and does nothing the second time.

    A project whose `packages.yml` does not name the link has the package from elsewhere and is
    left alone.

    Raises:
        BursarError: This installation of Bursar has no dbt package.
    """
    if is_package_itself(project) or not _names_the_link(project):
        return
    source = installed_package()
    if source is None:
        source = _mirror(project, checkout())
    _link(project.root / LINK, source)
    # What `dbt deps` would do; where it has done so already, its link leads to the same place.
    installed = project.root / "dbt_packages" / PACKAGE_NAME
    if installed.is_dir() and not installed.is_symlink():
        shutil.rmtree(installed)
    if installed.resolve() != source.resolve():
        _link(installed, Path("..") / LINK)


def _names_the_link(project: Project) -> bool:
    files = (project.root / name for name in ("packages.yml", "dependencies.yml"))
    return any(
        LINK.as_posix() in file.read_text(encoding="utf-8") for file in files if file.is_file()
    )


def _link(link: Path, target: Path) -> None:
    """Points a link at a target in one step, so that a reader beside us never finds it missing."""
    if link.is_symlink() and link.readlink() == target:
        return
    link.parent.mkdir(parents=True, exist_ok=True)
    aside = link.with_name(f"{link.name}.{os.getpid()}")
    aside.unlink(missing_ok=True)
    aside.symlink_to(target)
    aside.replace(link)


def _mirror(project: Project, root: Path | None) -> Path:
    """A folder of links to a checkout's package files, without the demo's seeds and metrics."""
    if root is None:
        raise BursarError(
            f"This installation of Bursar, {Path(bursar.__file__).parent}, has no dbt package.",
            remedy="Install it anew: pip install --force-reinstall bursar",
            exit_code=ExitCode.BAD_USAGE,
        )
    mirror = project.root / MIRROR
    wanted = {Path(PROJECT_FILE), *(p for folder in PACKAGE_FOLDERS for p in _files(root, folder))}
    for path in wanted:
        _link(mirror / path, root / path)
    for folder in PACKAGE_FOLDERS:
        for stale in [p for p in (mirror / folder).rglob("*") if p.is_symlink()]:
            if stale.relative_to(mirror) not in wanted:
                stale.unlink()
    return mirror


def _files(root: Path, folder: str) -> list[Path]:
    files = [p.relative_to(root) for p in (root / folder).rglob("*") if p.is_file()]
    return [p for p in files if not p.is_relative_to(DEMO_FOLDER)]
