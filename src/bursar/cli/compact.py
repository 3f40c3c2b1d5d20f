"""`bursar events compact`: merge each day's event files into one.

Owns the arguments and the report. It leaves merging to `bursar.landing.compact`.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from bursar.cli.output import Format, OutputFormat, ProjectDir, open_project, print_rows, say
from bursar.cli.promotion import promoted_properties
from bursar.errors import BursarError, ExitCode


def compact(
    day: Annotated[
        str | None,
        typer.Option(
            "--day", help="Only this day, as 2026-02-01 in UTC; all by default.", show_default=False
        ),
    ] = None,
    files_min: Annotated[
        int,
        typer.Option("--files-min", min=2, help="Leave days with fewer files, but for promotion."),
    ] = 2,
    project_dir: ProjectDir = None,
    output_format: OutputFormat = Format.TABLE,
) -> None:
    """Merge each day's event files into one, with a column for each property that metrics read."""
    from bursar.landing.compact import GRACE, CompactOptions
    from bursar.landing.compact import compact as compact_files

    project = open_project(project_dir)
    options = CompactOptions(
        promoted=promoted_properties(project),
        day=_day(day) if day else None,
        files_min=files_min,
    )
    report = compact_files(project, options)
    print_rows(
        ("event_date", "files", "events", "merged_file"),
        [(done.event_date, done.files, done.rows, done.path) for done in report.days],
        output_format,
        right=frozenset({"files", "events"}),
    )
    days, removed = len(report.days), report.files_removed
    say(f"{days:,} day{'' if days == 1 else 's'} compacted; no event changed.")
    if report.key_files_merged:
        say(f"{report.key_files_merged:,} files of transaction ids merged, a day into one.")
    if removed:
        say(f"{removed:,} file{'' if removed == 1 else 's'} of earlier compactions removed.")
    if report.days:
        hours = int(GRACE.total_seconds() // 3600)
        say(
            f"The files merged now are removed by a later `bursar events compact`, {hours} hours "
            "from now at the earliest and after a build."
        )


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise BursarError(
            f"--day {text} is not a day.",
            remedy="Write one like 2026-02-01.",
            exit_code=ExitCode.BAD_USAGE,
        ) from None
