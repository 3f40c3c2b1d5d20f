"""`bursar invoice void`, `regenerate`, `correct`: what happens to a finalized invoice later.

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

IssuedAt = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        help="The date that it bears: RFC 3339 or a date, not later than the build's; the build's"
        " by default.",
        show_default=False,
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


def correct(
    invoice_id: InvoiceId, reason: Reason, as_of: IssuedAt = None, project_dir: ProjectDir = None
) -> None:
    """Issue the difference between a finalized invoice and what it would be today.

    Line by line, earlier corrections counted. Less than nothing is a credit memo.
    """
    from bursar.cli.figures import money
    from bursar.ledger.correcting import correct as correct_invoice
    from bursar.warehouse.run_state import parse_as_of

    instant = parse_as_of(as_of) if as_of else None
    done = correct_invoice(open_project(project_dir), invoice_id, reason, instant)
    if not done.correction_id:
        say(f"{invoice_id} says what it would say today: there is nothing to correct.")
        return
    kind = "a credit memo" if done.total < 0 else "a correction"
    typer.echo(done.correction_id)
    say(f"{done.correction_id} is {kind} of {money(done.total, done.currency)} {done.currency}.")


def _void(
    invoice_id: str, reason: str, as_of: str | None, project_dir: ProjectDir, *, regenerate: bool
) -> str:
    from bursar.ledger.voiding import void as void_invoice
    from bursar.warehouse.run_state import as_text, parse_as_of

    instant = parse_as_of(as_of) if as_of else None
    project = open_project(project_dir)
    done = void_invoice(project, invoice_id, reason, instant, regenerate=regenerate)
    return as_text(done.at)
