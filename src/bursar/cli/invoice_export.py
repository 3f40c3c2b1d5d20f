"""`bursar invoice export`: one invoice as JSON, as CSV, or as a page to print.

Owns the arguments, where the file goes, and the JSON and CSV forms. It leaves reading to
`bursar.warehouse.invoice_document`, the sentences to `bursar.cli.invoice_sentences`, and the page
to `bursar.cli.invoice_html`.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bursar.cli.output import ProjectDir, open_project, plain, say
from bursar.errors import BursarError, ExitCode

if TYPE_CHECKING:
    from bursar.cli.invoice_groups import Group
    from bursar.warehouse.answers import Row
    from bursar.warehouse.invoice_document import Document, DocumentLine

# Columns may be added within a version; what is renamed or means something else is the next one.
SCHEMA_VERSION = 1
# What an accountant needs beside each line, before the line's own columns.
_HEADER_COLUMNS = (
    *("invoice_type", "status", "customer_name", "period_start", "period_end"),
    *("issued_at", "due_at", "currency", "corrects_invoice_id"),
)


class DocumentFormat(StrEnum):
    """The forms of an exported invoice."""

    JSON = "json"
    CSV = "csv"
    HTML = "html"


def export(
    invoice_id: Annotated[str, typer.Argument(metavar="ID", help="The invoice's id.")],
    output_format: Annotated[
        DocumentFormat,
        typer.Option(
            "--format",
            help="json: all of it; csv: a row per line; html: a page to read and to print.",
        ),
    ] = DocumentFormat.JSON,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            metavar="FILE",
            help="Where to write; stdout if not given.",
            show_default=False,
        ),
    ] = None,
    project_dir: ProjectDir = None,
) -> None:
    """Export an invoice: lines in groups, balances, and how each amount came about.

    A draft says that it is one, a void invoice since when and why. The same warehouse gives the
    same bytes.
    """
    from bursar.warehouse.invoice_document import read_document

    document = read_document(open_project(project_dir), invoice_id)
    text = rendered(document, output_format).encode()
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.write_bytes(text)
    except OSError as error:
        raise BursarError(
            f"{output} cannot be written: {error.strerror}.",
            remedy="Name a file in a folder that is there: --output FILE.",
            exit_code=ExitCode.BAD_USAGE,
        ) from error
    say(f"Wrote {output}: {invoice_id}, {document.header['status']}.")


def rendered(document: Document, form: DocumentFormat) -> str:
    """The document as text."""
    if form is DocumentFormat.CSV:
        return as_csv(document)
    if form is DocumentFormat.HTML:
        from bursar.cli.invoice_html import as_html

        return as_html(document)
    return as_json(document)


def as_csv(document: Document) -> str:
    """A row per line, as RFC 4180 says: every column of the line, and the header's beside it."""
    import csv
    import io

    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n")
    columns = [name for name in document.line_columns if name != "invoice_id"]
    writer.writerow(["invoice_id", *_HEADER_COLUMNS, *columns])
    shared = [plain(document.header[name]) for name in ("invoice_id", *_HEADER_COLUMNS)]
    writer.writerows(
        [*shared, *(plain(line.row[name]) for name in columns)] for line in document.lines
    )
    return written.getvalue()


def as_json(document: Document) -> str:
    """Everything, as the guide "Send an invoice" describes it; numbers are text."""
    import json

    from bursar.cli.explain_page import plain_row
    from bursar.cli.invoice_groups import groups_of

    header, parties = plain_row(document.header), plain_row(document.parties)
    groups = groups_of(document.lines, document.header["currency"])
    found = {
        "schema_version": SCHEMA_VERSION,
        "as_of": plain(document.as_of),
        "invoice": header,
        "customer": {
            "customer_id": header["customer_id"],
            "customer_name": header["customer_name"],
            "billing_provider": parties["billing_provider"],
            "billing_provider_customer_id": parties["billing_provider_customer_id"],
        },
        "contract": {
            "contract_id": header["contract_id"],
            "contract_name": parties["contract_name"],
            "net_payment_terms_days": parties["net_payment_terms_days"],
        },
        "groups": [_group(group, document) for group in groups],
        "balances": [plain_row(row) for row in document.balances],
        "corrections": [plain_row(row) for row in document.corrections],
    }
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _group(group: Group, document: Document) -> dict[str, Any]:
    return {
        "kind": group.kind,
        "title": group.title,
        "pricing_unit": group.pricing_unit,
        "is_summed": group.is_summed,
        "amount": plain(group.amount),
        "lines": [
            _line(line, document.line_columns) for entry in group.entries for line in entry.lines
        ],
    }


def _line(line: DocumentLine, columns: tuple[str, ...]) -> Row:
    from bursar.cli.explain_page import plain_row
    from bursar.cli.invoice_sentences import sentences_of

    return {
        **plain_row({name: line.row[name] for name in columns}),
        "explanation": {
            "sentences": list(sentences_of(line.row, line.parts)),
            "parts": {name: [plain_row(row) for row in rows] for name, rows in line.parts.items()},
        },
    }
