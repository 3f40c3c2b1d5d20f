"""A project's metrics: reads metrics/, writes models/metrics/.

Owns the compiler's disk. What has landed and the engine's types come from other rooms and are
passed in, or wired here at the last moment for the callers that only have a project.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path

from bursar.errors import Diagnostic, Severity
from bursar.metrics.compiler import SUFFIXES, Compilation, compile_metrics
from bursar.metrics.definition import CompiledMetric, MetricDefinition
from bursar.metrics.kinds import Describe
from bursar.metrics.models import model_files
from bursar.metrics.observed import Observed
from bursar.metrics.problems import Problems, Source
from bursar.metrics.yaml_schema import FILE_NAME, schema_text
from bursar.project import Project


@dataclass(frozen=True)
class CompileReport:
    """What compiling a project did, or would do.

    Args:
        changed: The files of models/metrics that were written or deleted, or would be;
            relative to the project.
        diagnostics: Every problem of every metric. With an error nothing is written.
        definitions: The metrics that compiled.
        metrics: The same, with their models.
    """

    changed: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]
    definitions: tuple[MetricDefinition, ...]
    metrics: tuple[CompiledMetric, ...] = field(default=(), repr=False)

    @property
    def has_errors(self) -> bool:
        """Whether any metric did not compile."""
        return Compilation((), self.diagnostics).has_errors


def metric_sources(project: Project) -> tuple[list[Source], list[Diagnostic]]:
    """The files in metrics/, and the problems of those that cannot be read."""
    sources: list[Source] = []
    diagnostics: list[Diagnostic] = []
    for path in sorted(project.metrics.glob("*")) if project.metrics.is_dir() else ():
        if path.suffix not in SUFFIXES or not path.is_file() or path.name.startswith((".", "_")):
            continue
        shown = project.relative(path)
        try:
            sources.append(Source(path.stem, shown, path.read_bytes().decode("utf-8-sig")))
        except UnicodeDecodeError as error:
            problems = Problems(Source(path.stem, shown, ""))
            problems.add("M001", f"The file is not UTF-8 (byte {error.start}): save it as UTF-8.")
            diagnostics += problems
    return sources, diagnostics


def compile_project(
    project: Project, *, write: bool, unseen: Severity = Severity.ERROR
) -> CompileReport:
    """Compiles every metric of a project.

    Args:
        project: The project.
        write: Whether to bring models/metrics up to date; not done if any metric has an error.
        unseen: How much a property weighs that no landed event has.
    """
    sources, unreadable = metric_sources(project)
    describe, close = _engine()
    try:
        compilation = compile_metrics(sources, _observed(project, unseen), describe)
    finally:
        close()
    diagnostics = _told_once(project, [*unreadable, *compilation.diagnostics])
    compilation = Compilation(compilation.metrics, diagnostics)
    changed: tuple[str, ...] = ()
    if not compilation.has_errors:
        changed = _bring_up_to_date(project, model_files(compilation.metrics), write=write)
    definitions = tuple(metric.definition for metric in compilation.metrics)
    return CompileReport(changed, diagnostics, definitions, compilation.metrics)


def compile_text(project: Project, source: Source) -> Compilation:
    """Compiles one text that need not be among the project's metrics, such as an older version."""
    describe, close = _engine()
    try:
        return compile_metrics([source], _observed(project, Severity.WARNING), describe)
    finally:
        close()


def write_schema(project: Project) -> Path:
    """Brings the schema for editors up to date; the file is beside the metrics that name it."""
    path = project.metrics / FILE_NAME
    text = schema_text()
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return path


def read_definitions(project: Project) -> list[MetricDefinition]:
    """The definitions of the metrics that compile; never raises for a broken one."""
    return list(compile_project(project, write=False, unseen=Severity.WARNING).definitions)


def _told_once(project: Project, diagnostics: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    """A warning that every metric would give alike is the project's, and given once."""
    alike = Counter(d.message for d in diagnostics if d.severity is Severity.WARNING and not d.line)
    kept: dict[Diagnostic, None] = {}
    for diagnostic in diagnostics:
        is_alike = not diagnostic.line and alike[diagnostic.message] > 1
        folder = f"{project.relative(project.metrics)}/"
        kept[replace(diagnostic, path=folder) if is_alike else diagnostic] = None
    return tuple(kept)


def _engine() -> tuple[Describe, Callable[[], None]]:
    # Imported by name: the compiler knows no database, and this is the one place that fetches one
    # for it.
    oracle = import_module("bursar.warehouse.type_oracle")
    engine = oracle.TypeOracle()
    return engine.describe, engine.close


def _observed(project: Project, unseen: Severity) -> Observed:
    manifests = import_module("bursar.landing.manifests")
    return Observed(manifests.observed_properties(project), unseen)


def _bring_up_to_date(project: Project, files: dict[str, str], *, write: bool) -> tuple[str, ...]:
    """Compares the generated files with the disk, and writes where they differ."""
    folder = project.compiled
    changed: list[str] = []
    for name, text in files.items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != text.encode():
            changed.append(project.relative(path))
            if write:
                folder.mkdir(parents=True, exist_ok=True)
                path.write_bytes(text.encode())
    for path in _stale(folder, set(files)):
        changed.append(project.relative(path))
        if write:
            path.unlink()
    return tuple(sorted(changed))


def _stale(folder: Path, wanted: set[str]) -> list[Path]:
    """Generated files of metrics that are gone; nobody else's files."""
    if not folder.is_dir():
        return []
    generated = (p for p in folder.iterdir() if p.suffix in (".sql", ".yml") and p.is_file())
    return [
        path
        for path in generated
        if path.name not in wanted
        and path.name.startswith("metric_")
        and "Generated by `bursar metric compile`" in path.read_text(encoding="utf-8")
    ]
