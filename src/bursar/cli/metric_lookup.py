"""The metrics that a command names: found, compiled, their problems told.

Owns the errors of a name that is none and of a metric that does not compile. It leaves what is done
with a metric to the commands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bursar.cli.output import print_diagnostics, say
from bursar.errors import BursarError, Diagnostic, ExitCode, ProblemsFound, Severity

if TYPE_CHECKING:
    from bursar.metrics.definition import CompiledMetric
    from bursar.metrics.project import CompileReport
    from bursar.project import Project

MetricName = Annotated[str, typer.Argument(metavar="NAME", help="The metric's name.")]


def compiled(project: Project) -> CompileReport:
    """All metrics of a project, compiled and not written."""
    from bursar.metrics.project import compile_project

    return compile_project(project, write=False)


def print_problems(
    diagnostics: list[Diagnostic] | tuple[Diagnostic, ...], *, are_notes_shown: bool = False
) -> None:
    """Prints the problems; raises if one of them is an error."""
    shown = [d for d in diagnostics if are_notes_shown or d.severity is not Severity.NOTE]
    if any(d.severity is Severity.ERROR for d in shown):
        raise ProblemsFound(shown, what="metrics")
    if shown:
        print_diagnostics(shown)
        say("")


def stem(path: str) -> str:
    """A metric's name by its path."""
    return path.rpartition("/")[2].rpartition(".")[0]


def require_known(project: Project, names: list[str]) -> None:
    """Raises for a name that no metric has."""
    from bursar.metrics.project import metric_sources
    from bursar.words import listed, nearest

    known = {source.name for source in metric_sources(project)[0]}
    for name in names:
        if name not in known:
            raise BursarError(
                f"There is no metric {name} in "
                f"{project.relative(project.metrics)}/.{nearest(name, known)}",
                remedy=f"Metrics: {listed(sorted(known)) or 'none yet'}."
                f" Make one with `bursar metric new {name}`.",
                exit_code=ExitCode.BAD_USAGE,
            )


def one_metric(project: Project, name: str) -> CompiledMetric:
    """A metric that compiles; its problems, and no other metric's, are told."""
    return metric_and_warnings(project, name)[0]


def metric_and_warnings(project: Project, name: str) -> tuple[CompiledMetric, list[Diagnostic]]:
    """A metric that compiles, and what the compiler warns of or notes."""
    require_known(project, [name])
    report = compiled(project)
    mine = [d for d in report.diagnostics if stem(d.path) == name]
    errors = [d for d in mine if d.severity is Severity.ERROR]
    if errors:
        raise ProblemsFound(errors, what=f"the metric {name}")
    return next(m for m in report.metrics if m.definition.name == name), mine
