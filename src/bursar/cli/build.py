"""`bursar build`: compile, check, compute, publish.

Owns the arguments, the progress and the closing words. It leaves the work to
`bursar.warehouse.build`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from bursar.cli.output import ProjectDir, open_project, print_diagnostics, say

if TYPE_CHECKING:
    from bursar.project import Project
    from bursar.warehouse.build import BuildReport
    from bursar.warehouse.dbt_process import Step


def build(
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            help="The instant to compute bills for, RFC 3339 or a date; now by default.",
            show_default=False,
        ),
    ] = None,
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Compute everything anew, also what is kept.")
    ] = False,
    project_dir: ProjectDir = None,
) -> None:
    """Compile the metrics, check the catalog, compute every bill, publish the warehouse."""
    from bursar.warehouse.build import build as build_warehouse
    from bursar.warehouse.run_state import parse_as_of

    project = open_project(project_dir)
    instant = parse_as_of(as_of) if as_of else None
    with progress() as on_step:
        report = build_warehouse(project, as_of=instant, full_refresh=full_refresh, on_step=on_step)
    if report.warnings:
        print_diagnostics(report.warnings)
        say("")
    say(closing_words(project, report))


@contextmanager
def progress() -> Iterator[Callable[[Step], None] | None]:
    """Shows a build's steps on a terminal; nothing in a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (BarColumn(bar_width=24), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("metrics and catalog", total=None)

        def told(step: Step) -> None:
            bar.update(task, total=step.total, completed=step.index, description=step.name)

        yield told


def closing_words(project: Project, report: BuildReport) -> str:
    """What a build has made, in a few lines."""
    from bursar.cli.figures import money
    from bursar.warehouse.run_state import as_text

    state, figures = report.state, report.summary
    invoices = [
        f"{row.invoice_count:,} {row.status}, {money(row.total, row.currency)} {row.currency}"
        for row in figures.invoices
    ]
    findings = [f"{count:,} {name}" for name, count in figures.findings.items() if count]
    return "\n".join(
        [
            f"Built as of {as_text(state.as_of)} in {report.seconds:.1f} s.",
            f"Events     {state.events_read:,} read = {state.events_accepted:,} accepted"
            f" + {state.events_duplicate:,} duplicate + {state.events_rejected:,} rejected",
            f"Invoices   {'; '.join(invoices) or 'none'}",
            f"Findings   {', '.join(findings) or 'none'}",
            f"Warehouse  {project.relative(project.published_database)} -> {report.published.name}",
        ]
    )
