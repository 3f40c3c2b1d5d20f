"""The query of a preview: a compiled metric over landed files, one scope a customer.

Owns the query's text, and its parts for who sets two versions side by side. It leaves running it,
and keeping it from anything else, to ``bursar.warehouse.preview``.
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
class Landed:
    """What a preview reads.

    Args:
        files: The event files.
        aliases: The CSV that says which customer an ingest alias is; empty if there is none.
    """

    files: tuple[LandedFiles, ...]
    aliases: str = ""

    @property
    def paths(self) -> tuple[str, ...]:
        """Every file that a query on it opens."""
        events = (path for group in self.files for path in group.paths)
        return (*events, self.aliases) if self.aliases else tuple(events)


@dataclass(frozen=True)
class Window:
    """From when to when, UTC; None for the first and just after the last event."""

    start: datetime | None
    end: datetime | None


EVER = Window(None, None)


@dataclass(frozen=True)
class Wanted:
    """What a person asks for.

    Args:
        landed: The events.
        customer: Only this one, as sent or resolved; None for all.
        window: From when to when.
    """

    landed: Landed
    customer: str | None
    window: Window


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


def preview_query(metric: CompiledMetric, wanted: Wanted) -> str:
    """The SQL that gives a metric's quantities: customer, one column a group key, value."""
    keys = metric.definition.group_keys
    return (
        f"with {events_cte(metric, wanted)},\n\n"
        f"{quantities_ctes(metric, keys, wanted, seen('previewed_events'))}\n\n"
        f"select\n    previewed_scopes.customer_id,\n{group_columns('quantities', keys)}"
        "    quantities.value\nfrom quantities\n"
        "inner join previewed_scopes on quantities.scope_id = previewed_scopes.scope_id\n"
        "order by all\n"
    )


def group_columns(table: str, keys: Sequence[str]) -> str:
    """One column a group key, each with its comma."""
    return "".join(
        f"    {table}.group_values[{quote_text(key)}] as {quote_name(key)},\n" for key in keys
    )


def seen(*events: str) -> str:
    """Whose events, and when, there are in some relations of events."""
    parts = [f'select {name}.customer_id, {name}."timestamp" from {name}' for name in events]
    return f"({' union all '.join(parts)})"


def events_cte(metric: CompiledMetric, wanted: Wanted, prefix: str = "") -> str:
    """The CTE `previewed_events`: what `metric_events` is in a build."""
    events = render(events_model([metric]), {}, _landed(metric, wanted)).strip()
    return f"{prefix}previewed_events as materialized (\n{indented(events)}\n)"


def quantities_ctes(
    metric: CompiledMetric, keys: Sequence[str], wanted: Wanted, events_seen: str, prefix: str = ""
) -> str:
    """The CTEs `previewed_scopes` and `quantities`.

    Args:
        metric: What is evaluated.
        keys: The group keys that a declared metric is evaluated at.
        wanted: Of whom, and when.
        events_seen: What `seen` gives: the customers and the window where none is asked for.
        prefix: Of the CTEs' names.
    """
    scopes = _scopes(metric, keys, wanted, events_seen)
    quantities = render(
        metric.body,
        {
            "metric_events": f"{prefix}previewed_events",
            "metric_scopes": f"{prefix}previewed_scopes",
        },
    ).strip()
    return (
        f"{prefix}previewed_scopes as (\n{indented(scopes)}\n),\n\n"
        f"{prefix}quantities as (\n{indented(quantities)}\n)"
    )


def indented(sql: str) -> str:
    """SQL four spaces further in."""
    return "\n".join(f"    {line}" if line.strip() else "" for line in sql.split("\n"))


def _landed(metric: CompiledMetric, wanted: Wanted) -> str:
    """What the dbt macro `metric_events` gives, of no more events than are asked for."""
    landed, customer = wanted.landed, wanted.customer
    sent = "events.customer_id"
    resolved = f"coalesce(customer_aliases.customer_id, {sent})" if landed.aliases else sent
    conditions = _conditions(metric, wanted.window)
    if customer is not None:
        conditions.append(f"{resolved} = {_resolved(customer, landed)}")
    parts = []
    for group in landed.files:
        columns = [
            "events.transaction_id",
            f"{resolved} as customer_id",
            "events.event_type",
            'events."timestamp"',
            "events.received_at",
        ]
        columns += [
            f"{group.promoted.get(key) or f'properties[{quote_text(key)}]'} as "
            f"{property_column(key)}"
            for key in metric.definition.properties
        ]
        listed = ",\n    ".join(columns)
        joined = (
            f"\nleft join {_aliases(landed)} as customer_aliases\n"
            f"    on {sent} = customer_aliases.ingest_alias"
            if landed.aliases
            else ""
        )
        all_of_them = "\n    and ".join(conditions)
        where = f"\nwhere\n    {all_of_them}" if conditions else ""
        parts.append(
            f"select\n    {listed}\nfrom read_parquet([{texts_list(group.paths)}]) as events"
            f"{joined}{where}"
        )
    return "\nunion all\n".join(parts)


def _conditions(metric: CompiledMetric, window: Window) -> list[str]:
    conditions = []
    if metric.definition.event_types:
        conditions.append(f"events.event_type in ({texts_list(metric.definition.event_types)})")
    if window.start is not None:
        conditions.append(f'events."timestamp" >= {_literal(window.start)}')
    if window.end is not None:
        conditions.append(f'events."timestamp" < {_literal(window.end)}')
    return conditions


def _aliases(landed: Landed) -> str:
    return (
        f"read_csv({quote_text(landed.aliases)}, header = true, auto_detect = false, delim = ',',"
        " quote = '\"', escape = '\"',"
        " columns = {'ingest_alias': 'varchar', 'customer_id': 'varchar'})"
    )


def _resolved(customer: str, landed: Landed) -> str:
    """The customer whom a person names, as sent or resolved."""
    name = quote_text(customer)
    if not landed.aliases:
        return name
    return (
        f"coalesce((select max(customer_id) from {_aliases(landed)} where ingest_alias = {name}),"
        f" {name})"
    )


def _scopes(metric: CompiledMetric, keys: Sequence[str], wanted: Wanted, events_seen: str) -> str:
    start = f'(select min(seen."timestamp") from {events_seen} as seen)'
    end = f'(select max(seen."timestamp") + interval 1 microsecond from {events_seen} as seen)'
    given_start = _literal(wanted.window.start) or start
    given_end = _literal(wanted.window.end) or end
    customers = f"select distinct seen.customer_id from {events_seen} as seen"
    if wanted.customer is not None:
        customers = f"select {_resolved(wanted.customer, wanted.landed)} as customer_id"
    return (
        "select\n    row_number() over (order by customers.customer_id) as scope_id,\n"
        f"    {quote_text(metric.definition.name)} as metric_name,\n    customers.customer_id,\n"
        f"    {given_start} as window_start,\n    {given_end} as window_end,\n"
        f"    cast([{texts_list(list(keys))}] as varchar[]) as group_keys\n"
        f"from ({customers}) as customers"
    )


def _literal(instant: datetime | None) -> str:
    return "" if instant is None else f"timestamp '{instant.isoformat(sep=' ')}'"
