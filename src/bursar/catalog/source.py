"""Where the catalog's relations come from: `vars: catalog_source` in dbt_project.yml.

Owns the reading of that variable. It leaves Parquet files to ``bursar.catalog.parquet_rows`` and
what dbt makes of the variable to the macro ``catalog_relation``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from bursar.catalog.relations import BY_NAME, RELATIONS
from bursar.errors import Diagnostic
from bursar.project import PROJECT_FILE, Project
from bursar.words import listed, nearest


class SourceType(StrEnum):
    """The kinds of place that relations may come from."""

    SEEDS = "seeds"
    PARQUET = "parquet"
    SOURCE = "source"


_NEEDED = {SourceType.SEEDS: "", SourceType.PARQUET: "folder", SourceType.SOURCE: "source"}


@dataclass(frozen=True)
class CatalogSource:
    """The place of some relations; all others come from the seeds.

    Args:
        type: Its kind.
        relations: Those that come from there; none for seeds.
        folder: Parquet: the folder of the files, as the project's file names it.
        source: The dbt source's name.
        problems: What the variable says wrong; then every relation comes from the seeds.
    """

    type: SourceType = SourceType.SEEDS
    relations: frozenset[str] = frozenset()
    folder: str = ""
    source: str = ""
    problems: tuple[Diagnostic, ...] = ()

    @property
    def unseen(self) -> frozenset[str]:
        """The relations whose rows only dbt sees."""
        return self.relations if self.type is SourceType.SOURCE else frozenset()

    @property
    def in_parquet(self) -> frozenset[str]:
        """The relations whose rows are in Parquet files."""
        return self.relations if self.type is SourceType.PARQUET else frozenset()


def read_source(project: Project) -> CatalogSource:
    """What a project says about where its catalog is."""
    import yaml

    path = project.root / PROJECT_FILE
    document = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else None
    variables = _mapping(_mapping(document).get("vars"))
    said = variables.get("catalog_source") or _mapping(variables.get("bursar")).get(
        "catalog_source"
    )
    if said is None:
        return CatalogSource()
    problems = tuple(_problems(said))
    if problems:
        return CatalogSource(problems=problems)
    place = _mapping(said)
    source_type = SourceType(place["type"])
    if source_type is SourceType.SEEDS:
        return CatalogSource()
    return CatalogSource(
        source_type,
        frozenset(place.get("relations") or (relation.name for relation in RELATIONS)),
        folder=str(place.get("folder", "")),
        source=str(place.get("source", "")),
    )


def parquet_files(project: Project, source: CatalogSource, relation: str) -> list[Path]:
    """The files of a relation: one of its name, or all in a folder of its name, in order."""
    folder = project.root / source.folder
    single = folder / f"{relation}.parquet"
    return [single] if single.is_file() else sorted((folder / relation).glob("*.parquet"))


def _problems(said: object) -> list[Diagnostic]:
    place = _mapping(said)
    kinds = tuple(SourceType)
    source_type = place.get("type")
    if source_type not in kinds:
        near = nearest(str(source_type), kinds)
        return [_problem(f"type is {source_type}, but is one of {listed(kinds)}.{near}")]
    needed = _NEEDED[SourceType(source_type)]
    found = []
    if needed and not place.get(needed):
        found.append(_problem(f"With type {source_type} it names its {needed}."))
    relations = place.get("relations") or []
    if not isinstance(relations, list):
        return [*found, _problem("relations is a list of relations.")]
    found += [
        _problem(f"The catalog has no relation {name}.{nearest(str(name), BY_NAME)}")
        for name in relations
        if name not in BY_NAME
    ]
    return found


def _problem(message: str) -> Diagnostic:
    return Diagnostic(PROJECT_FILE, 0, 0, "bad-catalog-source", f"catalog_source: {message}")


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
