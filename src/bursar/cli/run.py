"""`bursar run`: what a scheduler calls.

Owns the arguments and the one line that sums a run up. It leaves the work to `bursar.running`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from bursar.cli.build import progress
from bursar.cli.output import (
    Format,
    OutputFormat,
    ProjectDir,
    open_project,
    print_diagnostics,
    print_rows,
    say,
)
from bursar.cli.promotion import promoted_properties

if TYPE_CHECKING:
    from bursar.running import Run


def run(
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            help="What is taken for now: RFC 3339 or a date; the clock's by default.",
            show_default=False,
        ),
    ] = None,
    project_dir: ProjectDir = None,
    output_format: OutputFormat = Format.TABLE,
) -> None:
    """Land the inbox, build, finalize what is due, and publish: what a scheduler calls.

    Files of landing/inbox/ are landed, and then moved to landing/inbox/landed/. A run that was
    killed is made good by the next one; one that has nothing to do changes no bill.
    """
    from bursar.running import run as run_project
    from bursar.warehouse.run_state import parse_as_of

    project = open_project(project_dir)
    instant = parse_as_of(as_of) if as_of else None
    with progress() as on_step:
        done = run_project(project, instant, promoted=promoted_properties(project), on_step=on_step)
    if done.built.warnings:
        print_diagnostics(done.built.warnings)
        say("")
    summary = _summary(done)
    if output_format is Format.JSON:
        typer.echo(json.dumps(summary, ensure_ascii=False))
    elif output_format is Format.CSV:
        print_rows(list(summary), [list(summary.values())], output_format)
    else:
        say(_in_words(summary))


def _summary(done: Run) -> dict[str, str | int]:
    from bursar.warehouse.run_state import as_text

    landed = done.landed.manifest.counts if done.landed else None
    return {
        "as_of": as_text(done.as_of),
        "files_landed": len(done.files),
        "events_read": landed.read if landed else 0,
        "events_accepted": landed.accepted if landed else 0,
        "events_duplicate": landed.duplicate if landed else 0,
        "events_rejected": landed.rejected if landed else 0,
        "invoices_finalized": len(done.finalized.invoice_ids),
        "invoices_held": len(done.finalized.held),
        "ledger_hash": done.finalized.batch.hash if done.finalized.batch else "",
        "published": done.built.published.name,
        "seconds": f"{done.seconds:.1f}",
    }


def _in_words(summary: dict[str, str | int]) -> str:
    return (
        f"Run as of {summary['as_of']}: {_counted(summary['files_landed'], 'file')} landed"
        f" ({summary['events_read']:,} read = {summary['events_accepted']:,} accepted"
        f" + {summary['events_duplicate']:,} duplicate + {summary['events_rejected']:,} rejected);"
        f" {_counted(summary['invoices_finalized'], 'invoice')} finalized,"
        f" {summary['invoices_held']:,} held; published {summary['published']}"
        f" in {summary['seconds']} s."
    )


def _counted(count: str | int, name: str) -> str:
    return f"{count:,} {name}" if count == 1 else f"{count:,} {name}s"
