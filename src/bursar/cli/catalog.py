"""`bursar catalog`: is what is sold, at what price and to whom, written without mistakes.

Owns the arguments and how the answer looks. It leaves the rules to `bursar.catalog`.
"""

from __future__ import annotations

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
from bursar.errors import ProblemsFound, Severity

app = typer.Typer(help="Check the catalog: products, prices, contracts.", no_args_is_help=True)


@app.callback()
def catalog() -> None:
    """Check the catalog: products, prices, contracts."""


@app.command("check")
def check(
    project_dir: ProjectDir = None,
    output_format: OutputFormat = Format.TABLE,
) -> None:
    """Check the catalog: every broken row at once, with line, caret and remedy.

    A row of a Parquet file is shown as the line that it would be in a CSV.
    """
    from bursar.catalog.project import read_project

    report = read_project(open_project(project_dir))
    if any(found.severity is Severity.ERROR for found in report.diagnostics):
        raise ProblemsFound(report.diagnostics, what="the catalog")
    if report.diagnostics:
        print_diagnostics(report.diagnostics)
    filled = [(name, count) for name, count in report.row_counts.items() if count]
    print_rows(("relation", "rows"), filled, output_format, right=frozenset({"rows"}))
    rows = sum(count for _, count in filled)
    relations = "1 relation" if len(filled) == 1 else f"{len(filled)} relations"
    unseen = sorted(report.source.unseen)
    if unseen:
        say(
            f"Not checked here: {', '.join(unseen)}, from the dbt source {report.source.source};"
            " the data tests of a build check their keys and references."
        )
    say(f"The catalog is fine: {rows} {'row' if rows == 1 else 'rows'} in {relations}.")
