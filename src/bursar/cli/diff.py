"""`bursar diff`: what a change of the catalog or the metrics does to the bills.

Owns the arguments and the exit code. It leaves the work to `bursar.simulating.difference`, and the
look to `bursar.cli.diff_page`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from bursar.cli.output import ComparedAsOf, ProjectDir, open_project, say
from bursar.errors import ExitCode


class DiffFormat(StrEnum):
    """How a difference is written."""

    MARKDOWN = "markdown"
    JSON = "json"


def diff(
    base: Annotated[
        str,
        typer.Option("--base", metavar="REV", help="What git takes for a revision: main, HEAD~3."),
    ] = "HEAD",
    as_of: ComparedAsOf = None,
    rows: Annotated[
        int, typer.Option("--rows", min=0, metavar="N", help="At most so many rows of each table.")
    ] = 50,
    is_exit_code_wanted: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 if a bill changes, like git diff.")
    ] = False,
    project_dir: ProjectDir = None,
    output_format: Annotated[
        DiffFormat,
        typer.Option("--format", help="markdown for a pull request; json, in full, for programs."),
    ] = DiffFormat.MARKDOWN,
) -> None:
    """Show the invoices that the working tree's catalog and metrics change, against git.

    Both sides are computed from the same events, ledger and instant, in files of their own; the
    published warehouse stands for a side that it is of. Finalized invoices stay as they are.
    """
    from bursar.cli import diff_page
    from bursar.cli.build import progress
    from bursar.simulating.difference import diff as diff_against
    from bursar.warehouse.run_state import parse_as_of

    project = open_project(project_dir)
    instant = parse_as_of(as_of) if as_of else None
    is_json = output_format is DiffFormat.JSON
    with progress() as on_step:
        found = diff_against(project, base, instant, None if is_json else rows, on_step)
    typer.echo(diff_page.as_json(found) if is_json else diff_page.as_markdown(found))
    if is_exit_code_wanted and found.has_changes:
        say("Bills change.")
        raise typer.Exit(ExitCode.WRONG_INPUT)
