"""`bursar simulate`: what the bills of the past would be under another catalog.

Owns the arguments and the choice of form. It leaves the work to `bursar.simulating.simulation`, and
the look to `bursar.cli.simulate_page`.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bursar.cli.output import (
    ComparedAsOf,
    Format,
    OutputFormat,
    ProjectDir,
    open_project,
    print_diagnostics,
    say,
)
from bursar.errors import BursarError, ExitCode

if TYPE_CHECKING:
    from bursar.simulating.comparing import Window


class By(StrEnum):
    """What a row is."""

    CUSTOMER = "customer"
    INVOICE = "invoice"


def simulate(
    catalog: Annotated[
        Path,
        typer.Option(
            "--catalog",
            metavar="DIR",
            help="A folder with the CSVs that differ; what it lacks is taken from seeds/.",
        ),
    ],
    window_from: Annotated[
        str | None,
        typer.Option(
            "--from",
            help="Only invoices whose period begins at or after this, such as 2026-01-01.",
            show_default=False,
        ),
    ] = None,
    window_to: Annotated[
        str | None,
        typer.Option(
            "--to", help="Only invoices whose period begins before this.", show_default=False
        ),
    ] = None,
    by: Annotated[By, typer.Option("--by", help="What a row is.")] = By.CUSTOMER,
    as_of: ComparedAsOf = None,
    project_dir: ProjectDir = None,
    output_format: OutputFormat = Format.TABLE,
) -> None:
    """Rate history under another catalog, in a file of its own, and compare with the invoices.

    Before are the invoices as they stand, finalized ones with their corrections and without void
    ones; after is what they all would be under the other catalog. Nothing of the project is changed
    but warehouse/simulated.duckdb, which `bursar sql --simulated` asks.
    """
    from bursar.cli import simulate_page
    from bursar.cli.build import progress
    from bursar.simulating.simulation import simulate as simulate_catalog
    from bursar.warehouse.run_state import parse_as_of

    project = open_project(project_dir)
    window = _window(window_from, window_to)
    instant = parse_as_of(as_of) if as_of else None
    with progress() as on_step:
        found = simulate_catalog(
            project,
            catalog,
            window,
            instant,
            are_invoices_wanted=by is By.INVOICE,
            on_step=on_step,
        )
    if found.warnings:
        print_diagnostics(found.warnings)
        say("")
    if output_format is Format.TABLE:
        simulate_page.print_tables(found, is_by_invoice=by is By.INVOICE)
    elif output_format is Format.JSON:
        typer.echo(simulate_page.as_json(found, window, is_by_invoice=by is By.INVOICE))
    else:
        simulate_page.print_csv(found, is_by_invoice=by is By.INVOICE)
    say(simulate_page.closing_words(project, found, window))


def _window(start: str | None, end: str | None) -> Window:
    from bursar.simulating.comparing import Window
    from bursar.warehouse.run_state import parse_as_of

    window = Window(parse_as_of(start) if start else None, parse_as_of(end) if end else None)
    if window.start and window.end and window.start >= window.end:
        raise BursarError(
            f"--from {start} is not before --to {end}.",
            remedy="Both bound when periods begin; --to is exclusive:"
            " --from 2026-01-01 --to 2026-02-01 are the invoices of January.",
            exit_code=ExitCode.BAD_USAGE,
        )
    return window
