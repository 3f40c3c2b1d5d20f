"""`bursar invoice`: list invoices, show one.

Owns the arguments and the choice of form. It leaves reading to `bursar.warehouse.invoices` and the
look of one invoice to `bursar.cli.invoice_page`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from bursar.cli.output import Format, OutputFormat, ProjectDir, open_project, print_rows, say

app = typer.Typer(help="See invoices.", no_args_is_help=True)


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
