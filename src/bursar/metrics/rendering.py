"""Compiled models outside dbt: their Jinja replaced by given relations.

Owns what `ref`, `config` and Bursar's macros stand for when a compiled metric is bound, previewed
or proved. dbt renders them in a build.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import SimpleNamespace
from typing import TYPE_CHECKING

from bursar.metrics import exact

if TYPE_CHECKING:
    from jinja2 import Environment

_SCOPE_COLUMNS = {
    "scope_id": "bigint",
    "metric_name": "varchar",
    "customer_id": "varchar",
    "window_start": "timestamp",
    "window_end": "timestamp",
    "group_keys": "varchar[]",
    "usage_filter_key": "varchar",
    "usage_filter_values": "varchar[]",
}
_EVENT_COLUMNS = {
    "transaction_id": "varchar",
    "customer_id": "varchar",
    "event_type": "varchar",
    '"timestamp"': "timestamp",
    "received_at": "timestamp",
    "event_date": "date",
    "properties": "map(varchar, varchar)",
}
_PROPERTY_COLUMN = re.compile(r"metric_events\.([pn]_[a-z0-9_]+)")


def render(model: str, relations: Mapping[str, str], events: str = "") -> str:
    """A compiled model's SQL with other relations in the place of dbt's.

    Args:
        model: The model's text, Jinja and all.
        relations: What `ref` gives, by model name: a table's name or a query in parentheses.
        events: What Bursar's macro `metric_events` gives: a query.
    """
    macros = SimpleNamespace(
        usage_filter_condition=lambda *_: "true",
        metric_events=lambda *_: events,
        to_number=exact.text_to_number,
    )
    return (
        _environment()
        .from_string(model)
        .render(ref=lambda name: relations[name], config=lambda **_: "", bursar=macros)
    )


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, StrictUndefined

    # Rendered text is SQL, never HTML.
    return Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701 - SQL, not HTML


def render_on_nothing(model: str) -> str:
    """A compiled metric over empty relations of the right types."""
    properties = sorted(set(_PROPERTY_COLUMN.findall(model)))
    columns = {
        **_EVENT_COLUMNS,
        **{name: "varchar" if name.startswith("p_") else "decimal(38, 12)" for name in properties},
    }
    return render(
        model, {"metric_scopes": _nothing(_SCOPE_COLUMNS), "metric_events": _nothing(columns)}
    )


def _nothing(columns: Mapping[str, str]) -> str:
    listed = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in columns.items())
    return f"(select {listed} where false)"
