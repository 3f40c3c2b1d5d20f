"""`bursar balance`: list balances, show a commit.

Owns the arguments and the choice of form. It leaves reading to `bursar.warehouse`, and the look to
`bursar.cli.balance_page`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from bursar.cli.output import Format, OutputFormat, ProjectDir, open_project, print_rows, say

app = typer.Typer(help="See commits and credits.", no_args_is_help=True)


class CommitType(StrEnum):
    """The kinds of a balance."""

    PREPAID = "prepaid"
    POSTPAID = "postpaid"
    CREDIT = "credit"


@app.command("list")
def list_balances(
    customer: Annotated[
        str | None, typer.Option(help="Only this customer's, by id.", show_default=False)
    ] = None,
    contract: Annotated[
        str | None,
        typer.Option(help="Only this contract's own, by id.", show_default=False),
    ] = None,
    commit_type: Annotated[
        CommitType | None, typer.Option("--type", help="Only this kind.", show_default=False)
    ] = None,
    is_open: Annotated[
        bool, typer.Option("--open", help="Only those with something left.")
    ] = False,
    project_dir: ProjectDir = None,
    output_format: OutputFormat = Format.TABLE,
) -> None:
    """List balances: one row a segment, an amount that is usable from its start to its end."""
    from bursar.cli.balance_page import print_list
    from bursar.warehouse.balances import Filters, list_balances

    filters = Filters(
        customer_id=customer,
        contract_id=contract,
        commit_type=commit_type,
        is_open=is_open,
    )
    found = list_balances(open_project(project_dir), filters)
    if output_format is not Format.TABLE:
        print_rows(found.columns, found.rows, output_format)
    elif found.rows:
        print_list(found.as_dicts())
    else:
        say("No balance is like that.")


@app.command("show")
def show(
    commit_id: Annotated[
        str,
        typer.Argument(
            metavar="COMMIT",
            help="The commit's or credit's id; a recurring one's shows all its grants.",
        ),
    ],
    project_dir: ProjectDir = None,
    output_format: OutputFormat = Format.TABLE,
) -> None:
    """Show a commit: what it may pay for, how it burns down, its ledger and its invoices.

    As json or csv: the rows of its ledger.
    """
    from bursar.cli.balance_page import print_commit
    from bursar.warehouse.balances import read_commit

    commit = read_commit(open_project(project_dir), commit_id)
    if output_format is Format.TABLE:
        print_commit(commit)
    else:
        print_rows(commit.ledger.columns, commit.ledger.rows, output_format)
