"""Two versions of a metric side by side: the query.

Owns the query's text. It leaves one version's quantities to ``bursar.metrics.preview``.
"""

from __future__ import annotations

from collections.abc import Sequence

from bursar.metrics.columns import quote_name
from bursar.metrics.definition import CompiledMetric
from bursar.metrics.preview import (
    Wanted,
    events_cte,
    group_columns,
    indented,
    quantities_ctes,
    seen,
)


def difference_query(old: CompiledMetric, new: CompiledMetric, wanted: Wanted) -> str:
    """The SQL that sets two versions of a metric side by side, over the same customers and window.

    Its columns are the customer, one for each group key that both versions have, the old value and
    the new one. Over other keys each version is summed, as a product without them would.
    """
    keys = shared_keys(old, new)
    events_seen = seen("old_previewed_events", "new_previewed_events")
    versions = (("old", old), ("new", new))
    parts = [events_cte(metric, wanted, f"{name}_") for name, metric in versions]
    for name, metric in versions:
        parts.append(quantities_ctes(metric, keys, wanted, events_seen, f"{name}_"))
        parts.append(f"{name}_version as (\n{indented(_summed(name, keys))}\n)")
    separator = ",\n\n"
    names = [quote_name(name) for name in ("customer_id", *keys)]
    columns = "".join(f"    coalesce(old_version.{n}, new_version.{n}) as {n},\n" for n in names)
    same = "\n    and ".join(f"old_version.{n} is not distinct from new_version.{n}" for n in names)
    return (
        f"with {separator.join(parts)}\n\n"
        f"select\n{columns}    old_version.value as old,\n    new_version.value as new\n"
        f"from old_version\nfull join new_version\n    on {same}\norder by all\n"
    )


def shared_keys(old: CompiledMetric, new: CompiledMetric) -> tuple[str, ...]:
    """The group keys that two versions of a metric both have, in the new one's order."""
    return tuple(key for key in new.definition.group_keys if key in old.definition.group_keys)


def _summed(name: str, keys: Sequence[str]) -> str:
    scopes = f"{name}_previewed_scopes"
    return (
        f"select\n    {scopes}.customer_id,\n{group_columns(f'{name}_quantities', keys)}"
        f"    sum({name}_quantities.value) as value\n"
        f"from {name}_quantities\n"
        f"inner join {scopes} on {name}_quantities.scope_id = {scopes}.scope_id\n"
        "group by all"
    )
