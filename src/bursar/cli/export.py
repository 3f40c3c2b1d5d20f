"""`bursar export`: what is published, in other forms.

Owns the arguments, the progress and how the figures look. It leaves the files to
`bursar.warehouse.marts_export`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bursar.cli.output import Format, OutputFormat, ProjectDir, open_project, print_rows, say

if TYPE_CHECKING:
    from bursar.warehouse.marts_export import MartsExport

app = typer.Typer(help="Export what is published.", no_args_is_help=True)


@app.callback()
def export() -> None:
    """Export what is published."""


@app.command("marts")
def marts(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="A folder for exports alone; made if it is not there."),
    ],
    project_dir: ProjectDir = None,
    output_format: OutputFormat = Format.TABLE,
) -> None:
    """Export every mart of the published warehouse as Parquet: DIR/latest/<mart>.parquet.

    All files of an export are of one build. The link DIR/latest moves when the export is whole;
    the last three are kept.
    """
    from bursar.warehouse.marts_export import LATEST, export_marts

    project = open_project(project_dir)
    with _progress() as on_mart:
        done = export_marts(project, folder, on_mart)
    if output_format is Format.JSON:
        typer.echo(json.dumps(_summary(done), indent=2, ensure_ascii=False))
    else:
        _print_marts(done, output_format)
    say(
        f"Exported {len(done.marts)} marts, {done.rows:,} rows, {done.bytes:,} bytes, of"
        f" {done.published}, as of {done.as_of}, in {done.seconds:.1f} s."
    )
    say(f"{folder / LATEST} -> {done.folder.name}")


def _print_marts(done: MartsExport, output_format: Format) -> None:
    """One row a mart; a program is told the files' whole paths, too."""
    is_for_people = output_format is Format.TABLE
    columns = ("mart", "rows", "bytes", "file")[: 3 if is_for_people else 4]
    rows = [
        (mart.name, mart.rows, mart.bytes, str(done.folder / mart.file))[: len(columns)]
        for mart in done.marts
    ]
    print_rows(columns, rows, output_format, right=frozenset({"rows", "bytes"}))


def _summary(done: MartsExport) -> dict[str, object]:
    return {
        "folder": str(done.folder),
        "published": done.published,
        "as_of": done.as_of,
        "rows": done.rows,
        "bytes": done.bytes,
        "seconds": f"{done.seconds:.1f}",
        "marts": [
            {"mart": mart.name, "file": mart.file, "rows": mart.rows, "bytes": mart.bytes}
            for mart in done.marts
        ],
    }


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None] | None]:
    """Shows on a terminal how many marts are written; nothing in a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("marts", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
