"""`bursar events`: land usage events, and see what became of them.

Owns the arguments and the reports. It leaves landing to `bursar.landing`, and what an event is on a
bill to the published warehouse.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bursar.cli.compact import compact
from bursar.cli.listen import listen
from bursar.cli.output import (
    Format,
    OutputFormat,
    ProjectDir,
    open_project,
    plain,
    print_rows,
    say,
)
from bursar.cli.progress import landing_progress
from bursar.cli.promotion import promoted_properties
from bursar.errors import BursarError, ExitCode

if TYPE_CHECKING:
    from bursar.landing import BatchReport
    from bursar.landing.lookup import Trace
    from bursar.project import Project

app = typer.Typer(help="Land usage events, and see what became of them.", no_args_is_help=True)
app.command("listen")(listen)
app.command("compact")(compact)


class EventFormat(StrEnum):
    """What input files hold; the names of `bursar.landing.InputFormat`, without importing it."""

    NDJSON = "ndjson"
    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"


@app.command("land")
def land(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH...",
            help="Files, globs in quotes, or - for standard input; plain, .gz or .zst.",
        ),
    ],
    input_format: Annotated[
        EventFormat | None,
        typer.Option(
            "--format",
            help="What the files hold; by default what their names say, or ndjson.",
            show_default=False,
        ),
    ] = None,
    received_at: Annotated[
        str | None,
        typer.Option(
            "--received-at",
            help="When the batch was received, RFC 3339; now by default.",
            show_default=False,
        ),
    ] = None,
    backfill: Annotated[
        bool, typer.Option("--backfill", help="Also take events more than 34 days old.")
    ] = False,
    wait: Annotated[
        float,
        typer.Option(
            "--wait", min=0, metavar="SECONDS", help="How long to wait for another lander."
        ),
    ] = 5.0,
    project_dir: ProjectDir = None,
) -> None:
    """Land events: every line is accepted, a duplicate, or rejected with its reason."""
    from bursar.landing import InputFormat, LandOptions
    from bursar.landing import land as land_files

    project = open_project(project_dir)
    with landing_progress() as on_progress:
        options = LandOptions(
            received_at=_instant(received_at) if received_at else None,
            is_backfill=backfill,
            promoted=promoted_properties(project),
            input_format=InputFormat(input_format.value) if input_format else None,
            wait_seconds=wait,
            on_wait=lambda holder: say(f"Waiting for another landing to end: {holder}."),
            on_progress=on_progress,
        )
        report = land_files(project, paths, options)
    _print_report(project, report)


def _instant(text: str) -> datetime:
    from bursar.landing.instants import NotAnInstant, instant_to_datetime, parse_instant

    try:
        return instant_to_datetime(parse_instant(text)).replace(tzinfo=UTC)
    except NotAnInstant as error:
        raise BursarError(
            f"--received-at {text} is not an instant: {error}.", exit_code=ExitCode.BAD_USAGE
        ) from None


def _print_report(project: Project, report: BatchReport) -> None:
    manifest = report.manifest
    counts = manifest.counts
    rows: list[tuple[str, str, int]] = [
        ("accepted", "", counts.accepted),
        ("duplicate", "same content", counts.duplicate - report.conflicting),
        ("duplicate", "conflicting", report.conflicting),
        *(("rejected", reason, lines) for reason, lines in manifest.rejected_by_reason.items()),
    ]
    print_rows(
        ("outcome", "reason", "lines"),
        [row for row in rows if row[2] or row[0] == "accepted"],
        Format.TABLE,
        title=f"Batch {manifest.batch_id}",
        right=frozenset({"lines"}),
    )
    say(
        f"read {counts.read:,} = accepted {counts.accepted:,} + duplicate {counts.duplicate:,}"
        f" + rejected {counts.rejected:,}"
    )
    if manifest.rejected_files:
        say(
            f"Rejected lines, whole and with the place: {', '.join(manifest.rejected_files)}, and "
            "after the next build the table rejected_events."
        )
    if manifest.duplicate_files:
        say(
            f"Duplicates: {', '.join(manifest.duplicate_files)}, and after the next build the "
            "table duplicate_events."
        )


@app.command("show")
def show(
    transaction_id: Annotated[str, typer.Argument(metavar="TXN", help="A transaction id.")],
    project_dir: ProjectDir = None,
    output_format: OutputFormat = Format.TABLE,
) -> None:
    """Show what became of an event: its batch, and the lines of the bill that it can be on."""
    from bursar.landing.lookup import trace

    project = open_project(project_dir)
    traces = trace(project, transaction_id)
    if not traces:
        raise BursarError(
            f"No landed line has the transaction id {transaction_id}.",
            remedy="See what has landed with `bursar events status`.",
        )
    billed = _billed(project, transaction_id, traces)
    if output_format is not Format.TABLE:
        print_rows(_TRACE_COLUMNS + _BILL_COLUMNS, _joined(traces, billed), output_format)
        return
    print_rows(_TRACE_COLUMNS, [_trace_row(line) for line in traces], output_format, title="Landed")
    if billed:
        print_rows(
            _BILL_COLUMNS,
            billed,
            output_format,
            title="In the published warehouse: metrics of its type, and their lines at its time",
            right=frozenset({"quantity", "amount"}),
        )


_TRACE_COLUMNS = (
    "outcome",
    "batch_id",
    "received_at",
    "ingest_customer_id",
    "event_type",
    "timestamp",
    "place",
    "detail",
)
_BILL_COLUMNS = (
    "customer_id",
    "metric_name",
    "finding",
    "invoice_id",
    "line_item_id",
    "quantity",
    "amount",
)

# One row a metric that selects the event's type and a line of its customer at its time; an event
# without any is in unmatched_events with the reason.
_BILL = """
with event as (
    select
        ?::varchar as transaction_id,
        ?::varchar as ingest_customer_id,
        ?::varchar as event_type,
        ?::timestamp as "timestamp"
),

identified as (
    select event.*, stg_customer_identities.customer_id
    from event
    left join work.stg_customer_identities
        on event.ingest_customer_id = stg_customer_identities.ingest_id
),

metrics as (
    select identified.*, metric_definitions.metric_name
    from identified
    left join work.metric_definitions
        on
            metric_definitions.event_types is null
            or list_contains(metric_definitions.event_types, identified.event_type)
),

final as (
    select
        metrics.customer_id,
        metrics.metric_name,
        coalesce(
            unmetered_events.property || ' is not a number: ' || unmetered_events.text,
            unmatched_events.reason || '; nearest: ' || unmatched_events.nearest_known_name,
            unmatched_events.reason,
            ''
        ) as finding,
        invoice_line_items.invoice_id,
        invoice_line_items.line_item_id,
        invoice_line_items.quantity,
        invoice_line_items.amount
    from metrics
    left join billing.unmatched_events
        on metrics.transaction_id = unmatched_events.transaction_id
    left join billing.unmetered_events
        on
            metrics.transaction_id = unmetered_events.transaction_id
            and metrics.metric_name = unmetered_events.metric_name
    left join billing.invoice_line_items
        on
            metrics.metric_name = invoice_line_items.metric_name
            and metrics.customer_id = invoice_line_items.customer_id
            and metrics."timestamp" >= invoice_line_items.starting_at
            and metrics."timestamp" < invoice_line_items.ending_before
)

select * from final
order by customer_id, metric_name, invoice_id, line_item_id
"""


def _billed(project: Project, transaction_id: str, traces: list[Trace]) -> list[tuple[Any, ...]]:
    """Rows of `_BILL_COLUMNS` for the last accepted event; none, and words, if unpublished yet."""
    from bursar.warehouse.database import published

    accepted = [line for line in traces if line.outcome == "accepted"]
    if not accepted:
        return []
    if not project.published_database.exists():
        say("Nothing is published yet; `bursar build` computes the bills.")
        return []
    last = accepted[-1]
    with published(project) as connection:
        [(as_of,)] = connection.execute("select as_of from billing.build_info").fetchall()
        if last.received_at > as_of:
            say(f"The published bills are as of {plain(as_of)}, before the event was received.")
            return []
        parameters = [transaction_id, last.customer_id, last.event_type, last.timestamp]
        return connection.execute(_BILL, parameters).fetchall()


def _trace_row(line: Trace) -> tuple[Any, ...]:
    return (
        line.outcome,
        line.batch_id,
        line.received_at,
        line.customer_id,
        line.event_type,
        line.timestamp,
        line.place,
        line.detail,
    )


def _joined(traces: list[Trace], billed: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Landed lines, the accepted one beside each row of the bill."""
    nothing = (None,) * len(_BILL_COLUMNS)
    last = max((i for i, line in enumerate(traces) if line.outcome == "accepted"), default=-1)
    return [
        (*_trace_row(line), *bill)
        for i, line in enumerate(traces)
        for bill in (billed if i == last and billed else [nothing])
    ]


@app.command("status")
def show_status(project_dir: ProjectDir = None, output_format: OutputFormat = Format.TABLE) -> None:
    """Show how many lines have landed, by outcome, how many events each day has, and what waits."""
    from bursar.landing.lookup import status
    from bursar.listener.backlog import backlog

    project = open_project(project_dir)
    waiting = backlog(project)  # before the batches: what lands meanwhile is told twice, not never
    found = status(project)
    counts = [manifest.counts for manifest in found.manifests]
    rejected: dict[str, int] = {}
    for manifest in found.manifests:
        for reason, lines in manifest.rejected_by_reason.items():
            rejected[reason] = rejected.get(reason, 0) + lines
    rows = [
        *(("accepted", day, "", events) for day, events in found.accepted_by_day),
        ("duplicate", "", "", sum(count.duplicate for count in counts)),
        *(("rejected", "", reason, lines) for reason, lines in sorted(rejected.items())),
        *([("waiting", "", "", waiting.events)] if waiting.events else []),
    ]
    print_rows(
        ("outcome", "event_date", "reason", "lines"),
        rows,
        output_format,
        right=frozenset({"lines"}),
    )
    say(
        f"{len(counts):,} batch{'' if len(counts) == 1 else 'es'}: "
        f"read {sum(c.read for c in counts):,} = accepted {sum(c.accepted for c in counts):,}"
        f" + duplicate {sum(c.duplicate for c in counts):,}"
        f" + rejected {sum(c.rejected for c in counts):,}"
    )
    if found.manifests:
        say(f"The newest was received at {max(m.received_at for m in found.manifests)}.")
    if waiting.events:
        words = waiting.in_words(datetime.now(UTC).replace(tzinfo=None))
        say(f"In landing/_spool {words}; `bursar events listen` lands them.")
