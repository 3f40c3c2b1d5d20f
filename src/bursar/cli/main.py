"""The `bursar` command: its groups, and how an error becomes words and an exit code.

Owns nothing but that. Heavy imports happen inside the command that needs them, so that `--help` is
instant.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from bursar import __version__
from bursar.cli import (
    balance,
    build,
    catalog,
    demo,
    diff,
    doctor,
    events,
    export,
    finalize,
    init,
    invoice,
    invoice_changes,
    metric,
    run,
    simulate,
    sql,
)
from bursar.cli.output import print_error
from bursar.errors import BursarError

app = typer.Typer(
    name="bursar",
    help="A SQL-first billing warehouse: usage events to invoices, in files and SQL.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("init")(init.init)
app.command("demo")(demo.demo)
app.add_typer(events.app, name="events")
app.add_typer(metric.app, name="metric")
app.add_typer(catalog.app, name="catalog")
app.command("build")(build.build)
app.command("run")(run.run)
invoice.app.command("void")(invoice_changes.void)
invoice.app.command("regenerate")(invoice_changes.regenerate)
invoice.app.command("correct")(invoice_changes.correct)
app.add_typer(invoice.app, name="invoice")
app.add_typer(balance.app, name="balance")
app.command("finalize")(finalize.finalize)
app.add_typer(finalize.app, name="ledger")
app.add_typer(export.app, name="export")
app.command("simulate")(simulate.simulate)
app.command("diff")(diff.diff)
app.command("sql")(sql.sql)
app.command("doctor")(doctor.doctor)


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    """A SQL-first billing warehouse: usage events to invoices, in files and SQL."""
    if version:
        typer.echo(f"bursar {__version__}")
        raise typer.Exit


def main() -> None:
    """Runs the command line; the console script's entry.

    Typer itself words a wrong use of a command (exit code 2) and an interruption (130).
    """
    try:
        app()
    except BursarError as error:
        print_error(error)
        sys.exit(error.exit_code)
