"""The query of a preview: a compiled metric over landed files, one scope a customer.

Owns the query's text. It leaves running it, and keeping it from anything else, to
``bursar.warehouse.preview``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bursar.errors import BursarError, ExitCode
from bursar.metrics.columns import quote_name, quote_text, texts_list
from bursar.metrics.definition import CompiledMetric
from bursar.metrics.models import events_model
from bursar.metrics.rendering import render
from bursar.properties import property_column


@dataclass(frozen=True)
class LandedFiles:
    """Event files that hold the same properties as columns.

    Args:
        paths: Absolute.
        promoted: Property to the column that holds it; the others are in the map.
    """

    paths: tuple[str, ...]
    promoted: Mapping[str, str]


@dataclass(frozen=True)
class Window:
    """From when to when, UTC; None for the first and just after the last event."""

    start: datetime | None
    end: datetime | None


def preview_window(start: str | None, end: str | None) -> Window:
    """The window that a person asks for.

    Raises:
        BursarError: A bound is no time, or the window is empty.
    """
    window = Window(_instant(start, "--from"), _instant(end, "--to"))
    if window.start is not None and window.end is not None and window.start >= window.end:
        raise BursarError("--from is not before --to.", exit_code=ExitCode.BAD_USAGE)
    return window


def _instant(text: str | None, option: str) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise BursarError(
            f"{option} {text} is not a time.",
            remedy="Write 2026-01-31 or 2026-01-31T12:00:00Z.",
            exit_code=ExitCode.BAD_USAGE,
        ) from error
    return found if found.tzinfo is None else found.astimezone(UTC).replace(tzinfo=None)


def preview_query(
    metric: CompiledMetric, files: Sequence[LandedFiles], customer: str | None, window: Window
) -> str:
    """The SQL that gives a metric's quantities: customer, one column a group key, value."""
    definition = metric.definition
    landed = _landed(files, definition.properties)
    events = render(events_model([metric]), {}, landed).strip()
    scopes = _scopes(metric, customer, window)
    quantities = render(
        metric.body, {"metric_events": "previewed_events", "metric_scopes": "previewed_scopes"}
    ).strip()
    groups = "".join(
        f"    quantities.group_values[{quote_text(key)}] as {quote_name(key)},\n"
        for key in definition.group_keys
    )
    return (
        f"with previewed_events as materialized (\n{_indented(events)}\n),\n\n"
        f"previewed_scopes as (\n{_indented(scopes)}\n),\n\n"
        f"quantities as (\n{_indented(quantities)}\n)\n\n"
        f"select\n    previewed_scopes.customer_id,\n{groups}    quantities.value\n"
        "from quantities\n"
        "inner join previewed_scopes on quantities.scope_id = previewed_scopes.scope_id\n"
        "order by all\n"
    )


def _indented(sql: str) -> str:
    return "\n".join(f"    {line}" if line.strip() else "" for line in sql.split("\n"))


def _landed(files: Sequence[LandedFiles], properties: Sequence[str]) -> str:
    """What the dbt macro `metric_events` gives, without what only the catalog knows."""
    parts = []
    for group in files:
        columns = ["transaction_id", "customer_id", "event_type", '"timestamp"', "received_at"]
        columns += [
            f"{group.promoted.get(key) or f'properties[{quote_text(key)}]'} as "
            f"{property_column(key)}"
            for key in properties
        ]
        listed = ",\n    ".join(columns)
        parts.append(f"select\n    {listed}\nfrom read_parquet([{texts_list(group.paths)}])")
    return "\nunion all\n".join(parts)


def _scopes(metric: CompiledMetric, customer: str | None, window: Window) -> str:
    start = 'min(previewed_events."timestamp")'
    end = 'max(previewed_events."timestamp") + interval 1 microsecond'
    given_start = _literal(window.start) or f"(select {start} from previewed_events)"
    given_end = _literal(window.end) or f"(select {end} from previewed_events)"
    customers = "select distinct customer_id from previewed_events"
    if customer is not None:
        customers = f"select {quote_text(customer)} as customer_id"
    return (
        "select\n    row_number() over (order by customers.customer_id) as scope_id,\n"
        f"    {quote_text(metric.definition.name)} as metric_name,\n    customers.customer_id,\n"
        f"    {given_start} as window_start,\n    {given_end} as window_end,\n"
        f"    cast([{texts_list(metric.definition.group_keys)}] as varchar[]) as group_keys\n"
        f"from ({customers}) as customers"
    )


def _literal(instant: datetime | None) -> str:
    return "" if instant is None else f"timestamp '{instant.isoformat(sep=' ')}'"
