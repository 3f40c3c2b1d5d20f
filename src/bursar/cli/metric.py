"""`bursar metric`: write, check, compile, list, explain and preview metrics.

Owns what these commands print. It leaves compiling to ``bursar.metrics`` and running a query to
``bursar.warehouse``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bursar.cli.output import (
    Format,
    OutputFormat,
    ProjectDir,
    open_project,
    print_diagnostics,
    print_rows,
    say,
)
from bursar.errors import BursarError, Diagnostic, ExitCode, ProblemsFound, Severity

if TYPE_CHECKING:
    from bursar.metrics.definition import CompiledMetric
    from bursar.metrics.project import CompileReport
    from bursar.project import Project

app = typer.Typer(help="Billable metrics: events in, quantities out.", no_args_is_help=True)

MetricName = Annotated[str, typer.Argument(metavar="NAME", help="The metric's name.")]


@app.command("check")
def check(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Which metrics; all by default.")
    ] = None,
    is_proved: Annotated[
        bool,
        typer.Option(
            "--proof/--no-proof",
            help="Compare the compiled metric with the query on each scope alone, on made data;"
            " --no-proof is for editors.",
        ),
    ] = True,
    project_dir: ProjectDir = None,
) -> None:
    """Show every problem of every metric at once, with its place and its remedy.

    Each metric is then proved: compiled over all scopes at once, it must give what its query gives
    on each scope alone, on data made from its own literals. A proof is remembered until the metric,
    Bursar or the engine changes.
    """
    project = open_project(project_dir)
    report = _compiled(project)
    diagnostics = list(report.diagnostics)
    metrics = list(report.metrics)
    if names:
        _require_known(project, names)
        diagnostics = [d for d in diagnostics if _stem(d.path) in names]
        metrics = [metric for metric in metrics if metric.definition.name in names]
    if is_proved:
        diagnostics += _proof_problems(project, metrics)
    _print_problems(diagnostics, are_notes_shown=True)
    what = f"{len(metrics)} metric{'' if len(metrics) == 1 else 's'} checked"
    say(f"{what}, no errors." if is_proved else f"{what} but not proved, no errors.")


@app.command("compile")
def compile_(
    is_check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 if a file would change.")
    ] = False,
    project_dir: ProjectDir = None,
) -> None:
    """Compile metrics/ to the dbt models in models/metrics/."""
    from bursar.metrics.project import compile_project

    project = open_project(project_dir)
    report = compile_project(project, write=not is_check)
    _print_problems(report.diagnostics)
    for path in report.changed:
        typer.echo(path)
    count = len(report.metrics)
    what = f"{count} metric{'' if count == 1 else 's'}"
    if is_check and report.changed:
        raise BursarError(
            f"{len(report.changed)} compiled file(s) differ from what {what} compile to.",
            remedy="Run `bursar metric compile` and commit the result.",
        )
    state = "up to date" if not report.changed else f"{len(report.changed)} file(s) written"
    say(f"{what} compiled; {state}.")


@app.command("list")
def list_(project_dir: ProjectDir = None, output_format: OutputFormat = Format.TABLE) -> None:
    """List all metrics: form, class, unit, event types, group keys."""
    from bursar.metrics.models import describe_types

    report = _compiled(open_project(project_dir))
    rows = [
        (
            d.name,
            d.form.value,
            d.metric_class.value,
            d.unit,
            describe_types(d),
            ", ".join(d.group_keys),
        )
        for d in report.definitions
    ]
    columns = ("metric", "form", "class", "unit", "event_types", "group_keys")
    print_rows(columns, rows, output_format)
    _print_problems([d for d in report.diagnostics if d.severity is Severity.ERROR])


@app.command("explain")
def explain(name: MetricName, project_dir: ProjectDir = None) -> None:
    """Show what a metric reads, how it is evaluated and why, and its compiled SQL."""
    from bursar.metrics.definition import CLASS_REASONS
    from bursar.metrics.models import describe_types

    metric = _one_metric(open_project(project_dir), name)
    definition = metric.definition
    facts = {
        "metric": f"{definition.name} ({metric.source_path})",
        "description": definition.description,
        "unit": definition.unit,
        "form": definition.form.value,
        "version": definition.version_hash,
        "event types": describe_types(definition),
        "properties": ", ".join(definition.properties) or "none",
        "read as numbers": ", ".join(definition.number_properties) or "none",
        "group keys": ", ".join(definition.group_keys) or "none",
        "class": f"{definition.metric_class}: {CLASS_REASONS[definition.metric_class]}",
    }
    width = max(map(len, facts))
    for label, value in facts.items():
        if value:
            typer.echo(f"{label:<{width}}  {value}")
    typer.echo(f"\n{metric.body}", nl=False)


@app.command("new")
def new(
    name: MetricName,
    aggregation: Annotated[
        str | None,
        typer.Option(help="A declared metric: count, sum, max, latest or unique."),
    ] = None,
    is_sql: Annotated[bool, typer.Option("--sql", help="A metric in SQL.")] = False,
    project_dir: ProjectDir = None,
) -> None:
    """Write a metric file from a template that passes `check`; then make it yours."""
    from bursar.metrics.templates import new_metric_file

    project = open_project(project_dir)
    if is_sql and aggregation is not None:
        raise BursarError(
            "A metric is declared or SQL, not both.",
            remedy="Give --aggregation or --sql.",
            exit_code=ExitCode.BAD_USAGE,
        )
    file_name, text = new_metric_file(
        name, None if is_sql else aggregation or "count", _seen(project)
    )
    existing = sorted(project.metrics.glob(f"{name}.*")) if project.metrics.is_dir() else []
    if existing:
        raise BursarError(
            f"The metric {name} exists already: {project.relative(existing[0])}.",
            remedy="Edit that file, or choose another name.",
        )
    path = project.metrics / file_name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    typer.echo(project.relative(path))
    say(f"Written. Make it yours, then run `bursar metric check {name}`.")


@app.command("preview")
def preview(
    name: MetricName,
    customer: Annotated[
        str | None, typer.Option(help="Only this customer, as sent or resolved.")
    ] = None,
    window_from: Annotated[
        str | None,
        typer.Option("--from", help="Start, such as 2026-01-01; the first event by default."),
    ] = None,
    window_to: Annotated[
        str | None,
        typer.Option("--to", help="End, exclusive; just after the last event by default."),
    ] = None,
    is_query_shown: Annotated[
        bool, typer.Option("--query/--no-query", help="Print the query.")
    ] = True,
    project_dir: ProjectDir = None,
    output_format: OutputFormat = Format.TABLE,
) -> None:
    """Run a metric on landed events and show its quantities, with the query that ran.

    It runs in a process of its own with bounded memory and time, and reads nothing but landed
    events.
    """
    from bursar.metrics.preview import preview_query, preview_window
    from bursar.warehouse.preview import run_preview

    project = open_project(project_dir)
    metric = _one_metric(project, name)
    window = preview_window(window_from, window_to)
    result = run_preview(project, lambda files: preview_query(metric, files, customer, window))
    if is_query_shown:
        say(result.query + "\n")
    columns = ("customer_id", *metric.definition.group_keys, "value")
    print_rows(columns, result.rows, output_format, right=frozenset({"value"}))


def _proof_problems(project: Project, metrics: list[CompiledMetric]) -> list[Diagnostic]:
    from bursar.cli.progress import counting
    from bursar.warehouse.proof_process import proof_problems

    with counting("Proving metrics", len(metrics)) as advance:
        return proof_problems(project, metrics, advance)


def _compiled(project: Project) -> CompileReport:
    from bursar.metrics.project import compile_project

    return compile_project(project, write=False)


def _print_problems(
    diagnostics: list[Diagnostic] | tuple[Diagnostic, ...], *, are_notes_shown: bool = False
) -> None:
    """Prints the problems; raises if one of them is an error."""
    shown = [d for d in diagnostics if are_notes_shown or d.severity is not Severity.NOTE]
    if any(d.severity is Severity.ERROR for d in shown):
        raise ProblemsFound(shown, what="metrics")
    if shown:
        print_diagnostics(shown)
        say("")


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0]


def _require_known(project: Project, names: list[str]) -> None:
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


def _one_metric(project: Project, name: str) -> CompiledMetric:
    """A metric that compiles; its problems, and no other metric's, are told."""
    _require_known(project, [name])
    report = _compiled(project)
    mine = [d for d in report.diagnostics if _stem(d.path) == name and d.severity is Severity.ERROR]
    if mine:
        raise ProblemsFound(mine, what=f"the metric {name}")
    return next(metric for metric in report.metrics if metric.definition.name == name)


def _seen(project: Project) -> dict[str, frozenset[str]]:
    from bursar.landing.manifests import observed_properties

    return observed_properties(project)
