"""`bursar invoice void` and `regenerate`: what happens to a finalized invoice afterwards.

Owns the arguments and the closing words. It leaves the work to `bursar.ledger`.
"""

from __future__ import annotations

from typing import Annotated

import typer

from bursar.cli.output import ProjectDir, open_project, say

InvoiceId = Annotated[str, typer.Argument(metavar="ID", help="The finalized invoice's id.")]
Reason = Annotated[str, typer.Option(help="Why; it stands in the ledger for good.")]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of", help="When it happens: RFC 3339 or a date; now by default.", show_default=False
    ),
]


def void(
    invoice_id: InvoiceId, reason: Reason, as_of: AsOf = None, project_dir: ProjectDir = None
) -> None:
    """Mark a finalized invoice void: it stands no longer, and what it drew is given back."""
    at = _void(invoice_id, reason, as_of, project_dir, regenerate=False)
    say(f"{invoice_id} is void as of {at}. What it drew is given back with `bursar build`.")


def regenerate(
    invoice_id: InvoiceId, reason: Reason, as_of: AsOf = None, project_dir: ProjectDir = None
) -> None:
    """Void a finalized invoice, and let the next build make it anew from today's inputs."""
    at = _void(invoice_id, reason, as_of, project_dir, regenerate=True)
    say(f"{invoice_id} is void as of {at}. `bursar build` makes its next revision, a draft.")


def _void(
    invoice_id: str, reason: str, as_of: str | None, project_dir: ProjectDir, *, regenerate: bool
) -> str:
    from bursar.ledger.voiding import void as void_invoice
    from bursar.warehouse.run_state import as_text, parse_as_of

    instant = parse_as_of(as_of) if as_of else None
    project = open_project(project_dir)
    done = void_invoice(project, invoice_id, reason, instant, regenerate=regenerate)
    return as_text(done.at)
