"""The catalog's files on disk.

Owns reading and writing ``seeds/``. It leaves what is in the files to ``bursar.catalog.relations``
and what may be wrong with it to ``bursar.catalog.check``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bursar.catalog.book import MetricFacts
from bursar.catalog.check import read_catalog
from bursar.catalog.relations import RELATIONS, header, seeds_yaml
from bursar.errors import Diagnostic
from bursar.project import PROJECT_FILE, Project

PROPERTIES_FILE = "_catalog.yml"
_METRIC_SUFFIXES = {".sql", ".yml", ".yaml"}


@dataclass(frozen=True)
class CatalogReport:
    """What a project's catalog is like.

    Args:
        row_counts: The rows of each relation that has a file, in the catalog's order.
        diagnostics: Everything that is wrong, in order of place.
    """

    row_counts: Mapping[str, int]
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True)
class _BrokenMetric:
    """A metric that is there but does not parse: products may name it, nothing else is known."""

    name: str
    form: str = ""
    group_keys: None = None


def write_empty_seeds(seeds: Path) -> tuple[Path, ...]:
    """Gives every relation its CSV, and dbt their types; files with rows stay as they are.

    Args:
        seeds: The project's ``seeds`` folder; made if it is not there.

    Returns:
        The files written: the CSVs that were missing, and the properties if out of date.
    """
    seeds.mkdir(parents=True, exist_ok=True)
    written = []
    for relation in RELATIONS:
        path = seeds / f"{relation.name}.csv"
        if not path.exists():
            path.write_text(header(relation) + "\n", encoding="utf-8", newline="\n")
            written.append(path)
    properties = seeds / PROPERTIES_FILE
    wanted = seeds_yaml()
    if not properties.exists() or properties.read_text(encoding="utf-8") != wanted:
        properties.write_text(wanted, encoding="utf-8", newline="\n")
        written.append(properties)
    return tuple(written)


def check_project(
    project: Project, metrics: Sequence[MetricFacts] | None = None
) -> list[Diagnostic]:
    """Everything that is wrong with a project's catalog, in order of place.

    Args:
        project: The project.
        metrics: Its metrics' definitions, if the caller has them; else they are read.
    """
    return list(read_project(project, metrics).diagnostics)


def read_project(project: Project, metrics: Sequence[MetricFacts] | None = None) -> CatalogReport:
    """Reads and checks a project's catalog; arguments as in `check_project`."""
    elsewhere = relations_elsewhere(project)
    files, problems = _read_files(project)
    unread = {Path(problem.path).stem for problem in problems}
    book, found = read_catalog(
        files, _metric_facts(project, metrics), elsewhere=elsewhere.union(unread)
    )
    problems.extend(_missing_files(project, elsewhere))
    counts = {name: len(table.rows) for name, table in book.tables.items()}
    return CatalogReport(
        row_counts={r.name: counts[r.name] for r in RELATIONS if r.name in counts},
        diagnostics=tuple(sorted([*problems, *found])),
    )


def relations_elsewhere(project: Project) -> frozenset[str]:
    """The relations that ``vars: catalog_source`` takes from a dbt source instead of the seeds."""
    import yaml

    path = project.root / PROJECT_FILE
    document = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else None
    variables = _mapping(_mapping(document).get("vars"))
    place = _mapping(
        variables.get("catalog_source") or _mapping(variables.get("bursar")).get("catalog_source")
    )
    if place.get("type") != "source":
        return frozenset()
    return frozenset(place.get("relations") or (relation.name for relation in RELATIONS))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _read_files(project: Project) -> tuple[dict[str, str], list[Diagnostic]]:
    files = {}
    problems = []
    for path in sorted(project.seeds.rglob("*.csv")):
        name, data = project.relative(path), path.read_bytes()
        try:
            files[name] = data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            message = "The file is not UTF-8 from here on. Save it as UTF-8."
            problems.append(Diagnostic(name, line, 0, "not-utf-8", message))
    return files, problems


def _missing_files(project: Project, elsewhere: frozenset[str]) -> list[Diagnostic]:
    there = {path.stem for path in project.seeds.rglob("*.csv")}
    return [
        Diagnostic(
            f"{project.relative(project.seeds)}/{relation.name}.csv",
            0,
            0,
            "missing-file",
            "Every relation has a file, even one without rows. Make it with this one line:\n"
            + header(relation),
        )
        for relation in RELATIONS
        if relation.name not in there and relation.name not in elsewhere
    ]


def _metric_facts(project: Project, metrics: Sequence[MetricFacts] | None) -> list[MetricFacts]:
    facts: list[MetricFacts] = list(_definitions(project) if metrics is None else metrics)
    known = {metric.name for metric in facts}
    files = project.metrics.iterdir() if project.metrics.is_dir() else ()
    broken = {file.stem for file in files if file.suffix in _METRIC_SUFFIXES} - known
    return [*facts, *(_BrokenMetric(name) for name in sorted(broken))]


def _definitions(project: Project) -> Sequence[MetricFacts]:
    from bursar.metrics.project import read_definitions

    return read_definitions(project)
