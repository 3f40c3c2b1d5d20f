"""The folder that one side of a comparison is built in: a project beside the project.

Everything is the project's own by links, but the catalog, the metrics, what they compile to, the
ledger's batches and what dbt writes. Owns that layout, and what the files are called to a person.
It leaves building there to `bursar.simulating.sides`.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bursar import package_link
from bursar.catalog.project import write_empty_seeds
from bursar.errors import Diagnostic
from bursar.project import PROJECT_FILE, Project
from bursar.simulating import settings
from bursar.warehouse import parse_cache

# What a workspace has of its own; all else in the project's folder is linked.
_OWN = frozenset(
    {
        *("seeds", "metrics", "models", "ledger", "warehouse", "target", "logs"),
        *("dbt_packages", ".bursar", ".git", PROJECT_FILE, "profiles.yml"),
    }
)
_SEED = re.compile(r"\bseeds/[\w./-]+\.csv\b")


@dataclass(frozen=True)
class Layer:
    """A folder of files, and what it is called to a person.

    Args:
        folder: Where the files are.
        shown: What stands in place of the folder in messages, such as `trial` or `main:seeds`.
    """

    folder: Path
    shown: str


@dataclass(frozen=True)
class Inputs:
    """What a side is made of.

    Args:
        seeds: Folders of the catalog's CSVs; a file of a later one stands in place of an earlier
            one's of the same name.
        metrics: The folder of metrics.
        what: What messages call it when something is wrong with it.
    """

    seeds: tuple[Layer, ...]
    metrics: Layer
    what: str = "the metrics and the catalog"


@dataclass(frozen=True)
class Workspace:
    """A project laid out for one side.

    Args:
        project: The project that dbt sees.
        what: What messages call it when something is wrong with it.
        shown: Each file of the catalog and the metrics, by its path there, as messages name it.
    """

    project: Project
    what: str
    shown: Mapping[str, str]

    def told(self, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Diagnostics with the names that a person knows the files by."""
        return [
            replace(d, path=self._name(d.path), message=_SEED.sub(self._named, d.message))
            for d in diagnostics
        ]

    def _named(self, found: re.Match[str]) -> str:
        return self._name(found[0])

    def _name(self, path: str) -> str:
        return self.shown.get(path, path)


def own_inputs(project: Project) -> Inputs:
    """The project's own catalog and metrics."""
    return Inputs((Layer(project.seeds, "seeds"),), Layer(project.metrics, "metrics"))


def lay_out(project: Project, role: str, inputs: Inputs) -> Workspace:
    """Makes a side's folder what its inputs say; dbt's cache stays. Only for the lock's holder.

    Args:
        project: Whose.
        role: The side's name.
        inputs: Its catalog and metrics.
    """
    project = Project(project.root.absolute())
    root = project.what_if / role
    workspace = Project(root)
    workspace.warehouse.mkdir(parents=True, exist_ok=True)
    _link_what_is_shared(project, root)
    _mirror_models(project, workspace)
    shown = _lay_seeds(workspace, inputs.seeds)
    shown |= _lay_metrics(workspace, inputs.metrics)
    instead = {path.stem for layer in inputs.seeds[1:] for path in _tables(layer.folder)}
    (root / PROJECT_FILE).write_text(settings.project_text(project, instead), encoding="utf-8")
    (root / "profiles.yml").write_text(settings.profiles_text(project), encoding="utf-8")
    _begin_with_cache(project, workspace)
    package_link.ensure_package(workspace)
    write_empty_seeds(workspace.seeds)
    return Workspace(workspace, inputs.what, shown)


def snapshot_ledger(project: Project, workspace: Project) -> None:
    """Gives a side the ledger's batches of this moment: what is finalized later is not in it."""
    _clear(workspace.ledger)
    manifests = sorted((project.ledger / "batches").glob("*.json"))
    if not manifests:
        return
    (workspace.ledger / "batches").mkdir(parents=True)
    for manifest in manifests:
        shutil.copyfile(manifest, workspace.ledger / "batches" / manifest.name)
    for folder in project.ledger.iterdir():
        if folder.is_dir() and folder.name not in ("batches", "_staging"):
            (workspace.ledger / folder.name).symlink_to(folder)


def _begin_with_cache(project: Project, workspace: Project) -> None:
    """What dbt knows of the project spares a new side most of the parsing."""
    cache, known = (of.root / parse_cache.CACHE_FILE for of in (workspace, project))
    if known.is_file() and not cache.exists():
        cache.parent.mkdir(exist_ok=True)
        shutil.copyfile(known, cache)


def _link_what_is_shared(project: Project, root: Path) -> None:
    for path in root.iterdir():
        if path.is_symlink():
            path.unlink()
    for path in project.root.iterdir():
        if path.name not in _OWN:
            (root / path.name).symlink_to(path)
    # Packages of the project's own; the link to Bursar's is made where dbt is driven.
    packages = root / "dbt_packages"
    _clear(packages)
    packages.mkdir()
    for path in _entries(project.root / "dbt_packages"):
        if path.name != "bursar":
            (packages / path.name).symlink_to(path)


def _mirror_models(project: Project, workspace: Project) -> None:
    """Links to the project's models, file by file: dbt follows no links to folders below models."""
    models, mirror = project.root / "models", workspace.root / "models"
    wanted = {
        path.relative_to(models)
        for path in models.rglob("*")
        if path.is_file() and not path.is_relative_to(project.compiled)
    }
    for stale in [p for p in mirror.rglob("*") if p.is_symlink()]:
        stale.unlink()
    for path in wanted:
        (mirror / path).parent.mkdir(parents=True, exist_ok=True)
        (mirror / path).symlink_to(models / path)


def _lay_seeds(workspace: Project, layers: Iterable[Layer]) -> dict[str, str]:
    """Copies, since the project's may be edited meanwhile."""
    _clear(workspace.seeds)
    workspace.seeds.mkdir()
    shown: dict[str, str] = {}
    laid: dict[str, Path] = {}
    for number, layer in enumerate(layers):
        is_first = number == 0
        for path in layer.folder.rglob("*") if is_first else _tables(layer.folder):
            if not path.is_file():
                continue
            below = path.relative_to(layer.folder)
            is_table = path.suffix == ".csv"
            place = workspace.seeds / below if is_first else laid.get(path.stem)
            place = place or workspace.seeds / below
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)
            if is_table:
                laid[path.stem] = place
                shown[workspace.relative(place)] = f"{layer.shown}/{below.as_posix()}"
    return shown


def _lay_metrics(workspace: Project, layer: Layer) -> dict[str, str]:
    _clear(workspace.metrics)
    workspace.metrics.mkdir()
    shown = {}
    for path in _entries(layer.folder):
        if path.is_file():
            place = workspace.metrics / path.name
            shutil.copyfile(path, place)
            shown[workspace.relative(place)] = f"{layer.shown}/{path.name}"
    return shown


def _tables(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.csv") if path.is_file())


def _entries(folder: Path) -> Iterator[Path]:
    return folder.iterdir() if folder.is_dir() else iter(())


def _clear(folder: Path) -> None:
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)
