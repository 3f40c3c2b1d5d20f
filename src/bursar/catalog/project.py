"""The catalog's files on disk.

Owns reading and writing ``seeds/``, and which files the catalog is in. It leaves what is in them to
``bursar.catalog.relations``, what may be wrong with it to ``bursar.catalog.check``, and relations
that are stored elsewhere to ``bursar.catalog.source``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bursar.catalog.book import MetricFacts
from bursar.catalog.check import read_catalog
from bursar.catalog.parquet_rows import read_parquet
from bursar.catalog.relations import BY_NAME, RELATIONS, header, seeds_yaml
from bursar.catalog.source import CatalogSource, parquet_files, read_source
from bursar.errors import Diagnostic, Severity
from bursar.project import Project

PROPERTIES_FILE = "_catalog.yml"
_METRIC_SUFFIXES = {".sql", ".yml", ".yaml"}


@dataclass(frozen=True)
class CatalogReport:
    """What a project's catalog is like.

    Args:
        row_counts: The rows of each relation that has a file, in the catalog's order.
        diagnostics: Everything that is wrong, in order of place.
        source: Where relations come from that are not in the seeds.
    """

    row_counts: Mapping[str, int]
    diagnostics: tuple[Diagnostic, ...]
    source: CatalogSource = field(default_factory=CatalogSource)


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
    source = read_source(project)
    files, problems = _read_files(project, source)
    unread = {Path(problem.path).stem for problem in problems if problem.severity is Severity.ERROR}
    book, found = read_catalog(
        files, _metric_facts(project, metrics), elsewhere=source.unseen.union(unread)
    )
    problems.extend(source.problems)
    problems.extend(_missing_files(project, source))
    counts = {name: len(table.rows) for name, table in book.tables.items()}
    return CatalogReport(
        row_counts={r.name: counts[r.name] for r in RELATIONS if r.name in counts},
        diagnostics=tuple(sorted([*problems, *found])),
        source=source,
    )


def files_of_catalog(project: Project) -> list[Path]:
    """Every file that the catalog is in, for those who fingerprint it."""
    source = read_source(project)
    stored = (parquet_files(project, source, name) for name in sorted(source.in_parquet))
    return [*project.seeds.rglob("*.csv"), *(path for files in stored for path in files)]


def _read_files(project: Project, source: CatalogSource) -> tuple[dict[str, str], list[Diagnostic]]:
    """Each relation's text by the name that messages give it, wherever it is stored."""
    files = {}
    problems = []
    for path in sorted(project.seeds.rglob("*.csv")):
        name, data = project.relative(path), path.read_bytes()
        if path.stem in source.relations:
            problems.extend(_unread_seed(name, path.stem, data, source))
            continue
        try:
            files[name] = data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            message = "The file is not UTF-8 from here on. Save it as UTF-8."
            problems.append(Diagnostic(name, line, 0, "not-utf-8", message))
    for relation in sorted(source.in_parquet):
        stored = parquet_files(project, source, relation)
        if stored:
            name = _parquet_name(source, relation)
            text, found = read_parquet(BY_NAME[relation], name, stored)
            problems.extend(found)
            if not found:
                files[name] = text
    return files, problems


def _parquet_name(source: CatalogSource, relation: str) -> str:
    return f"{source.folder}/{relation}.parquet"


def _unread_seed(name: str, relation: str, data: bytes, source: CatalogSource) -> list[Diagnostic]:
    """A seed with rows that nobody reads: someone may think that they count."""
    if len(data.splitlines()) <= 1:
        return []
    place = f"the folder {source.folder}" if source.folder else f"the source {source.source}"
    message = (
        f"catalog_source takes {relation} from {place}, so the rows here are not read."
        " Delete them, all but the header."
    )
    return [Diagnostic(name, 0, 0, "seed-not-read", message, severity=Severity.WARNING)]


def _missing_files(project: Project, source: CatalogSource) -> list[Diagnostic]:
    there = {path.stem for path in project.seeds.rglob("*.csv")}
    found = [
        Diagnostic(
            f"{project.relative(project.seeds)}/{relation.name}.csv",
            0,
            0,
            "missing-file",
            "Every relation has a file, even one without rows. Make it with this one line:\n"
            + header(relation),
        )
        for relation in RELATIONS
        if relation.name not in there and relation.name not in source.relations
    ]
    return found + [
        Diagnostic(
            _parquet_name(source, relation),
            0,
            0,
            "missing-file",
            f"catalog_source takes {relation} from here, and neither this file nor a folder"
            f" {relation} of Parquet files is there. Add it, or name the relations that are.",
        )
        for relation in sorted(source.in_parquet)
        if not parquet_files(project, source, relation)
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
