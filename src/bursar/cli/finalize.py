"""`bursar finalize` and `bursar ledger`: drafts become promises, and promises are proven.

Owns the arguments and the closing words. It leaves the work to `bursar.ledger`.
"""

from __future__ import annotations

from typing import Annotated

import typer

from bursar.cli.output import (
    Format,
    OutputFormat,
    ProjectDir,
    open_project,
    print_rows,
    say,
)

app = typer.Typer(help="Prove finalized invoices.", no_args_is_help=True)


@app.callback()
def ledger() -> None:
    """Prove finalized invoices."""


def finalize(
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            help="Drafts issued by then are due: RFC 3339 or a date; the build's by default.",
            show_default=False,
        ),
    ] = None,
    project_dir: ProjectDir = None,
    output_format: OutputFormat = Format.TABLE,
) -> None:
    """Turn every draft that is due into a finalized invoice; running it again does nothing.

    A draft is due when its period has ended and the grace period is over. What is finalized never
    changes: it is read from the ledger from the next build on.
    """
    from bursar.ledger.finalizing import finalize as finalize_due
    from bursar.warehouse.run_state import as_text, parse_as_of

    project = open_project(project_dir)
    done = finalize_due(project, parse_as_of(as_of) if as_of else None)
    at = as_text(done.at)
    hashes = done.batch.invoices if done.batch else {}
    if hashes or output_format is not Format.TABLE:
        print_rows(("invoice_id", "content_hash"), list(hashes.items()), output_format)
    for invoice_id, commit_id in sorted(done.held.items()):
        say(
            f"{invoice_id} waits: usage invoices that may still count towards {commit_id} are open."
        )
    if done.batch is None:
        say(f"Nothing was due as of {as_text(done.due_by)}.")
        return
    count = len(done.invoice_ids)
    say(f"Finalized {count} {'invoice' if count == 1 else 'invoices'} as of {at}.")
    say("They are read from the ledger with the next build: `bursar build`.")


@app.command("verify")
def verify(project_dir: ProjectDir = None) -> None:
    """Recompute every hash of the ledger: of rows, invoices, files, and of the chain of batches."""
    from bursar.errors import ExitCode, ProblemsFound
    from bursar.ledger.verifying import verify as verify_ledger

    found = verify_ledger(open_project(project_dir))
    if found.problems:
        error = ProblemsFound(list(found.problems), what="the ledger")
        error.exit_code = ExitCode.NOT_RECONCILED
        error.remedy = "Restore the ledger from a backup: what was promised stands there."
        raise error
    batches = "1 batch" if found.batches == 1 else f"{found.batches} batches"
    invoices = "1 invoice" if found.invoices == 1 else f"{found.invoices} invoices"
    say(f"The ledger is what was written: {batches}, {invoices}.")
    if found.batches:
        typer.echo(found.last_hash)
