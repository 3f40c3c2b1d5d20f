"""`bursar metric`: write, check, compile and list metrics.

Owns what these commands print. It leaves looking at one metric to ``bursar.cli.metric_values``,
compiling to ``bursar.metrics`` and proving to ``bursar.warehouse``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bursar.cli import metric_values
from bursar.cli.metric_lookup import MetricName, compiled, print_problems, require_known, stem
from bursar.cli.output import Format, OutputFormat, ProjectDir, open_project, print_rows, say
from bursar.errors import BursarError, Diagnostic, ExitCode, Severity

if TYPE_CHECKING:
    from bursar.metrics.definition import CompiledMetric
    from bursar.project import Project

app = typer.Typer(help="Billable metrics: events in, quantities out.", no_args_is_help=True)


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
    report = compiled(project)
    diagnostics = list(report.diagnostics)
    metrics = list(report.metrics)
    if names:
        require_known(project, names)
        diagnostics = [d for d in diagnostics if stem(d.path) in names]
        metrics = [metric for metric in metrics if metric.definition.name in names]
    if is_proved:
        diagnostics += _proof_problems(project, metrics)
    print_problems(diagnostics, are_notes_shown=True)
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
    print_problems(report.diagnostics)
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

    report = compiled(open_project(project_dir))
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
    print_problems([d for d in report.diagnostics if d.severity is Severity.ERROR])


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
    from bursar.metrics.project import write_schema
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
    if not is_sql:
        write_schema(project)
    typer.echo(project.relative(path))
    say(f"Written. Make it yours, then run `bursar metric check {name}`.")


def _proof_problems(project: Project, metrics: list[CompiledMetric]) -> list[Diagnostic]:
    from bursar.cli.progress import counting
    from bursar.warehouse.proof_process import proof_problems

    with counting("Proving metrics", len(metrics)) as advance:
        return proof_problems(project, metrics, advance)


def _seen(project: Project) -> dict[str, frozenset[str]]:
    from bursar.landing.manifests import observed_properties

    return observed_properties(project)


app.command("explain")(metric_values.explain)
app.command("preview")(metric_values.preview)
app.command("diff")(metric_values.diff)
