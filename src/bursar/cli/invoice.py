"""`bursar invoice`: list invoices, show one, explain a line.

Owns the arguments and the choice of form. It leaves reading to `bursar.warehouse`, the look to
`bursar.cli.invoice_page` and `bursar.cli.explain_page`, and exports to `bursar.cli.invoice_export`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from bursar.cli import invoice_export
from bursar.cli.output import Format, OutputFormat, ProjectDir, open_project, print_rows, say

app = typer.Typer(help="See invoices.", no_args_is_help=True)
app.command("export")(invoice_export.export)


class Status(StrEnum):
    """The states of an invoice."""

    DRAFT = "draft"
    FINALIZED = "finalized"
    VOID = "void"


class InvoiceType(StrEnum):
    """The kinds of an invoice."""

    USAGE = "usage"
    SCHEDULED = "scheduled"
    CORRECTION = "correction"


@app.command("list")
def list_invoices(
    status: Annotated[Status | None, typer.Option(help="Only these.", show_default=False)] = None,
    customer: Annotated[
        str | None, typer.Option(help="Only this customer's, by id.", show_default=False)
    ] = None,
    contract: Annotated[
        str | None, typer.Option(help="Only this contract's, by id.", show_default=False)
    ] = None,
    invoice_type: Annotated[
        InvoiceType | None, typer.Option("--type", help="Only this kind.", show_default=False)
    ] = None,
    project_dir: ProjectDir = None,
    output_format: OutputFormat = Format.TABLE,
) -> None:
    """List invoices in order of time."""
    from bursar.cli.invoice_page import print_list
    from bursar.warehouse.invoices import Filters, list_invoices

    filters = Filters(
        status=status,
        customer_id=customer,
        contract_id=contract,
        invoice_type=invoice_type,
    )
    found = list_invoices(open_project(project_dir), filters)
    if output_format is not Format.TABLE:
        print_rows(found.columns, found.rows, output_format)
    elif found.rows:
        print_list(found.as_dicts())
    else:
        say("No invoice is like that.")


@app.command("show")
def show(
    invoice_id: Annotated[str, typer.Argument(metavar="ID", help="The invoice's id.")],
    project_dir: ProjectDir = None,
    output_format: OutputFormat = Format.TABLE,
) -> None:
    """Show one invoice: a page for people; its lines as json or csv."""
    from bursar.cli.invoice_page import print_invoice
    from bursar.warehouse.invoices import read_invoice

    invoice = read_invoice(open_project(project_dir), invoice_id)
    if output_format is Format.TABLE:
        print_invoice(invoice)
    else:
        print_rows(invoice.lines.columns, invoice.lines.rows, output_format)


class ExplanationFormat(StrEnum):
    """How an explanation is written: it is no one table, so there is no CSV of it."""

    TABLE = "table"
    JSON = "json"


@app.command("explain")
def explain(
    line: Annotated[str, typer.Argument(metavar="LINE", help="The line's line_item_id.")],
    events: Annotated[
        int, typer.Option("--events", min=0, metavar="N", help="How many of its events to list.")
    ] = 20,
    project_dir: ProjectDir = None,
    output_format: Annotated[
        ExplanationFormat, typer.Option("--format", help="table for people; json for programs.")
    ] = ExplanationFormat.TABLE,
) -> None:
    """Follow a line to its slice, rate, override, tiers and the events behind it.

    It says that the parts add up to the line; should they not, the exit code is 4. A finalized line
    stays as it is: where usage came late, or it was corrected or voided, that is said instead.
    """
    from bursar.cli.explain_page import as_json, print_explanation
    from bursar.errors import BursarError, ExitCode
    from bursar.warehouse.explaining import explanation

    found = explanation.explain(open_project(project_dir), line, events)
    if output_format is ExplanationFormat.JSON:
        typer.echo(as_json(found))
    else:
        print_explanation(found)
    if not found.adds_up:
        raise BursarError(
            f"The parts of {line} do not add up to it.",
            remedy="Build again: the published warehouse may be older than the metrics.",
            exit_code=ExitCode.NOT_RECONCILED,
        )
