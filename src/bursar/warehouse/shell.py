"""The `events` view of the published warehouse: a metric's own text runs in a DuckDB shell.

Owns the view and the macros beside it. They show landed events as a metric sees them: properties
are fields of a struct, and the variables `customer`, `window_start` and `window_end` say whose and
when. They are for people who write metrics: no bill reads them, a cast of a text that is no number
fails here, and `/` is the engine's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC

from bursar.landing.compactions import standing_files
from bursar.landing.manifests import EventFile
from bursar.metrics.columns import quote_name, quote_text, texts_list
from bursar.project import Project
from bursar.warehouse.database import writing
from bursar.warehouse.run_state import RunState

SCHEMA = "billing"
# What stands where nothing has landed, since a struct has at least one field.
_NO_FIELD = "nothing_has_landed"
_COLUMNS = {
    "transaction_id": "varchar",
    "customer_id": "varchar",
    "event_type": "varchar",
    '"timestamp"': "timestamp",
}
_START = "coalesce(cast(getvariable('window_start') as timestamp), timestamp '-infinity')"
_END = "coalesce(cast(getvariable('window_end') as timestamp), timestamp 'infinity')"
_HAS_IDENTITIES = """
select table_name
from information_schema.tables
where table_schema = 'work' and table_name = 'stg_customer_identities'
"""
_MACROS = {
    "window_start()": "cast(getvariable('window_start') as timestamp)",
    "window_end()": "cast(getvariable('window_end') as timestamp)",
    # The view is ordered by timestamp and transaction id, and the engine's first and last respect
    # the order of what they read.
    "latest(x)": "last(x) filter (where x is not null)",
    "earliest(x)": "first(x) filter (where x is not null)",
}


def create_shell(project: Project, state: RunState) -> None:
    """Puts the view and the macros into the build's file.

    Args:
        project: Whose events; the view names their files by absolute paths.
        state: The build's: the view shows the batches that it read, and no later ones.
    """
    seen = [entry for batch in state.batches for entry in batch.properties_seen]
    keys = distinct_fields(key for entry in seen for key in entry.properties)
    with writing(project) as connection:
        if state.batches and not connection.execute(_HAS_IDENTITIES).fetchall():
            return  # the project has switched the model off
        connection.execute(f"create schema if not exists {SCHEMA}")
        connection.execute(
            f"create or replace view {SCHEMA}.events as {_view(project, keys, state)}"
        )
        for signature, body in _MACROS.items():
            connection.execute(f"create or replace macro {SCHEMA}.{signature} as {body}")


def distinct_fields(keys: Iterable[str]) -> list[str]:
    """Keys as fields of a struct, whose names ignore case: of two that differ in it, the lower."""
    fields: dict[str, str] = {}
    for key in sorted(set(keys), key=lambda key: (key != key.lower(), key)):
        fields.setdefault(key.lower(), key)
    return list(fields.values())


def _view(project: Project, keys: Sequence[str], state: RunState) -> str:
    by_layout: dict[tuple[tuple[str, str], ...], list[str]] = {}
    landed = (file for batch in state.batches for file in batch.event_files)
    for file in standing_files(landed, state.compactions):
        by_layout.setdefault(_layout(file), []).append(str(project.root / file.path))
    if not by_layout:
        columns = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in _COLUMNS.items())
        nothing = f"struct_pack({_NO_FIELD} := cast(null as varchar))"
        return f"select {columns}, {nothing} as properties where false"
    received_by = state.as_of.astimezone(UTC).replace(tzinfo=None)
    parts = [_part(paths, dict(layout), keys) for layout, paths in sorted(by_layout.items())]
    return (
        "select landed.transaction_id, identities.customer_id, landed.event_type,"
        f' landed."timestamp", landed.properties from ({" union all ".join(parts)}) as landed'
        " inner join work.stg_customer_identities as identities"
        " on landed.customer_id = identities.ingest_id"
        f" where landed.received_at <= timestamp '{received_by}'"
        " and identities.customer_id = coalesce(getvariable('customer'), identities.customer_id)"
        f' and landed."timestamp" >= {_START} and landed."timestamp" < {_END}'
        ' order by landed."timestamp", landed.transaction_id'
    )


def _layout(file: EventFile) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((pair.property, pair.column) for pair in file.promoted))


def _part(paths: Sequence[str], promoted: dict[str, str], keys: Sequence[str]) -> str:
    fields = ", ".join(
        f"{quote_name(key)} := {promoted.get(key) or f'properties[{quote_text(key)}]'}"
        for key in keys or (_NO_FIELD,)
    )
    columns = ", ".join((*_COLUMNS, "received_at"))
    return (
        f"select {columns}, struct_pack({fields}) as properties "
        f"from read_parquet([{texts_list(sorted(paths))}])"
    )
