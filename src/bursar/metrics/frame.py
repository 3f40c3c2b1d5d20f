"""The parts that every compiled metric has in common.

Owns the import CTEs, the map of group values and the call of the usage filter. What stands between
them is the metric's own.
"""

from __future__ import annotations

from collections.abc import Mapping

from bursar.metrics.columns import quote_jinja, quote_text

# The relations that a compiled metric defines; an author's names keep clear of them.
FRAME_RELATIONS = ("scopes", "metric_events", "scope_events", "quantities", "final")

SCOPES_AND_EVENTS = """\
with scopes as (
    select * from {{{{ ref('metric_scopes') }}}}
    where metric_name = {name}
),

metric_events as (
    select * from {{{{ ref('metric_events') }}}}
),
"""


def group_values(columns: Mapping[str, str]) -> str:
    """SQL for the map of a row's group values; a null map where the metric has no groups.

    Args:
        columns: Group key to the SQL of its text.
    """
    if not columns:
        return "cast(null as map(varchar, varchar))"
    entries = ", ".join(f"{quote_text(key)}: {column}" for key, column in columns.items())
    return f"cast(map {{{entries}}} as map(varchar, varchar))"


def usage_filter(columns: Mapping[str, str]) -> str:
    """The Jinja call that renders whether an event passes its scope's usage filter."""
    entries = ", ".join(f"{quote_jinja(k)}: {quote_jinja(c)}" for k, c in columns.items())
    return f"{{{{ bursar.usage_filter_condition('scopes', 'metric_events', {{{entries}}}) }}}}"
