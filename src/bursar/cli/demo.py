"""`bursar demo`: a company that sells AI inference, from its events to an invoice on the screen.

Owns the choice of the folder, the order of the steps and the words between them. It leaves the
company to `bursar.demo` and each step to the room that a user's own command would call.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bursar.cli.output import say
from bursar.errors import BursarError, ExitCode
from bursar.package_link import is_package_itself
from bursar.project import PROJECT_FILE, Project, find_project

if TYPE_CHECKING:
    from bursar.demo.batches import Batch

DEFAULT_FOLDER = Path("bursar-demo")
EVENTS_FOLDER = "demo-events"
INVOICE = "pinewood_chat_payg:usage:2026-10-01"
QUESTIONS = (
    (
        "Who owes most for October?",
        "select customer_name, total, line_item_count from billing.invoices"
        " where period_start = '2026-10-01' and currency = 'USD' order by total desc limit 5",
    ),
    (
        "What is left of commits and credits, and what became of the rest?",
        "select commit_name, amount, drawn + drawn_provisional as used, expired, rolled_over,"
        " trued_up, balance, pricing_unit from billing.balances"
        " where segment_starting_at <= '2026-11-05' order by customer_id, segment_starting_at",
    ),
    (
        "What was used that nobody pays for, and why?",
        "select reason, count(*) as events from billing.unmatched_events group by all order by all",
    ),
    (
        "Which usage found no price?",
        "select contract_id, pricing_group_values as used, nearest_pricing_group_values as nearest,"
        " quantity from billing.unrated_usage order by quantity desc limit 5",
    ),
    (
        "Which lines were no events at all?",
        "select reason, detail, raw[:60] as raw from billing.rejected_events limit 10",
    ),
)


def demo(
    directory: Annotated[
        Path | None,
        typer.Argument(
            metavar="[DIR]",
            help="The demo's folder, made if it is not there; ./bursar-demo by default.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Make a demo company, land its events, build, and show an invoice."""
    from bursar.cli.build import closing_words, progress
    from bursar.cli.invoice_page import print_invoice
    from bursar.demo import AS_OF
    from bursar.warehouse.build import build
    from bursar.warehouse.invoices import read_invoice

    project = _demo_project(directory)
    say(f"Fathom sells AI inference. Its books are in {project.root}\n")
    _land(project)
    say("")
    with progress() as on_step:
        report = build(project, as_of=AS_OF, on_step=on_step)
    say(closing_words(project, report) + "\n")
    print_invoice(read_invoice(project, INVOICE))
    _say_what_next(project)


def _demo_project(directory: Path | None) -> Project:
    """The folder given, the demo around us, or a new one."""
    from bursar.scaffold.new_project import new_project

    if directory is None:
        around = _project_around()
        if around is not None and (is_package_itself(around) or _is_demo(around)):
            return around
        directory = DEFAULT_FOLDER
    if not (directory / PROJECT_FILE).is_file():
        return new_project(directory, with_demo=True)
    project = Project(directory.resolve())
    if not _is_demo(project):
        raise BursarError(
            f"{directory} is a billing project of its own, and the demo's events do not belong in"
            " its books.",
            remedy="Name a new folder: bursar demo my-demo",
            exit_code=ExitCode.BAD_USAGE,
        )
    return project


def _project_around() -> Project | None:
    try:
        return find_project()
    except BursarError:
        return None


def _is_demo(project: Project) -> bool:
    """Whether a project's customers are the demo's; its prices may have been played with."""
    from bursar.demo.company import CUSTOMERS

    customers = project.seeds / "customers.csv"
    text = customers.read_text(encoding="utf-8") if customers.is_file() else ""
    return all(f"\n{customer.customer_id}," in text for customer in CUSTOMERS)


def _land(project: Project) -> None:
    """Lands the demo's files, but those that are landed already."""
    from bursar.demo.batches import write_batches
    from bursar.landing.manifests import read_manifests
    from bursar.metrics.project import read_definitions

    landed = {Path(source.path).name for m in read_manifests(project) for source in m.sources}
    promoted = {key for metric in read_definitions(project) for key in metric.properties}
    for path, batch in write_batches(project.root / EVENTS_FOLDER):
        if path.name in landed:
            say(f"{project.relative(path)}: landed before")
        else:
            _land_file(project, path, batch, tuple(sorted(promoted)))


def _land_file(project: Project, path: Path, batch: Batch, promoted: tuple[str, ...]) -> None:
    from bursar.landing import LandOptions, land

    options = LandOptions(
        received_at=batch.received_at, is_backfill=batch.is_backfill, promoted=promoted
    )
    counts = land(project, [str(path)], options).manifest.counts
    say(
        f"{project.relative(path)}: {counts.read:,} read = {counts.accepted:,} accepted"
        f" + {counts.duplicate:,} duplicate + {counts.rejected:,} rejected"
    )


def _say_what_next(project: Project) -> None:
    say("\nWhat next:")
    if project.root != Path.cwd():
        say(f"  cd {shlex.quote(str(project.root))}")
    say("  bursar invoice list")
    say("  bursar balance show meridian_prepaid")
    for question, query in QUESTIONS:
        say(f'\n  # {question}\n  bursar sql "{query}"')
