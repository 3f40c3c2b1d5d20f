"""A compiled declared metric gives, for every scope, what plain Python gives on that scope's
events."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bursar.metrics.declared import read_declared
from bursar.metrics.declared_sql import compile_declared
from bursar.metrics.observed import Observed
from bursar.metrics.problems import Problems, Source
from bursar.warehouse.declared_alone import declared_rows
from bursar.warehouse.metric_proof import compiled_rows
from tests.compiler.events import some_events, some_scopes

FILTERS = {
    "no filter": "",
    "in": "filters: [{property: model, in: [x, y]}]",
    "not in, absent passes": "filters: [{property: model, not_in: [x]}]",
    "exists": "filters: [{property: region, exists: true}]",
    "does not exist": "filters: [{property: region, exists: false}]",
    "two": "filters: [{property: model, not_in: [Y]}, {property: region, in: [eu]}]",
}
GROUPS = ((), ("region",), ("model", "region"))


@pytest.mark.parametrize("aggregation", ["count", "sum", "max", "latest", "unique"])
@pytest.mark.parametrize("filters", FILTERS.values(), ids=FILTERS)
@pytest.mark.parametrize("event_types", ["", "event_types: [a]", "event_types: [a, c_d]"])
def test_over_all_scopes_is_python_on_each(
    aggregation: str, filters: str, event_types: str
) -> None:
    lines = [f"aggregation: {aggregation}", event_types, filters, "group_keys: [model, region]"]
    lines += [] if aggregation == "count" else ["property: n"]
    problems = Problems(source := Source("m", "metrics/m.yml", "\n".join(lines)))
    declared = read_declared(source, Observed({}), problems)
    assert declared is not None
    events = some_events(seed=2)
    # Scopes of products that use none, some and all of the group keys, side by side.
    scopes = [
        replace(scope, group_keys=GROUPS[number % 3])
        for number, scope in enumerate(some_scopes() * 2)
    ]
    together = compiled_rows(compile_declared(source, declared), events, scopes)
    assert together == [declared_rows(declared, events, scope) for scope in scopes]
