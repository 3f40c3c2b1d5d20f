"""The events behind a line of usage, and that a plain sum is made of them.

Owns the reading of `metric_events`. It leaves what a metric counts to ``bursar.metrics.counted``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from bursar.metrics.columns import quote_text
from bursar.metrics.counted import Counted, counted_events
from bursar.metrics.project import metric_sources
from bursar.project import Project
from bursar.properties import property_column
from bursar.warehouse.explaining.part import Row, rows_of
from bursar.warehouse.explaining.sum import Sum

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Events:
    """The events behind a line.

    Args:
        count: How many there are.
        rows: The first of them, in order of time.
        is_exact: Whether each of them counts. Of a metric in SQL these are the events that it
            reads; its query decides what it makes of them.
        since: `slice` or `period`: from when on events make the quantity. What is no sum is
            measured since the period's start, and billed by what it rose.
        late_count: How many of them came when the line's invoice was final.
    """

    count: int
    rows: tuple[Row, ...]
    is_exact: bool
    since: str
    late_count: int


_METRIC = """
    select
        slice.line_item_id as explains,
        metric_definitions.*,
        slice.customer_id,
        slice.period_start,
        slice.metered_from,
        slice.slice_end,
        contracts.usage_filter_key,
        contracts.usage_filter_values
    from slice
    inner join work.stg_contracts as contracts on slice.contract_id = contracts.contract_id
    inner join work.stg_products as products
        on slice.product_id = products.product_id
        and slice.product_valid_from = products.valid_from
    inner join work.metric_definitions
        on products.metric_name = metric_definitions.metric_name
"""
# Where a plain sum is taken from the slice's start, the step before it is not metered at all.
_METERED = """
    select
        slice.line_item_id as explains,
        max_by(steps.metered_quantity, steps.step_number)
        - coalesce(max(steps.metered_quantity) filter (where steps.step_number = 0), 0) as metered
    from slice
    inner join work.step_quantities as steps
        on slice.slice_id = steps.slice_id
        and slice.pricing_group_values is not distinct from steps.pricing_group_values
        and slice.presentation_group_values is not distinct from steps.presentation_group_values
    group by slice.line_item_id
"""


def events_of(
    project: Project, connection: DuckDBPyConnection, line: Row, events_max: int
) -> tuple[Events | None, list[Sum]]:
    """The events behind a line of usage, and that a plain sum of them is what was metered.

    Args:
        project: Whose metrics say what counts.
        connection: To the published warehouse.
        line: The line.
        events_max: How many events to list.
    """
    types = [line["line_type"]]
    found = rows_of(connection, _METRIC, types)
    if not found:
        return None, []
    metric = found[line["line_item_id"]][0]
    counted = _counted(project, metric["metric_name"])
    is_sum = metric["metric_class"] == "additive" and counted is not None
    relation = f"work.metric_events where {' and '.join(_conditions(metric, counted, line))}"
    values = {
        "customer": metric["customer_id"],
        "from": metric["metered_from"] if is_sum else metric["period_start"],
        "to": metric["slice_end"],
    }
    columns = ["transaction_id", '"timestamp"', "received_at", "event_type"]
    columns += [property_column(name) for name in metric["properties"]]
    cursor = connection.execute(
        f"select {', '.join(columns)} from {relation}"
        f' order by "timestamp", transaction_id limit {int(events_max)}',
        values,
    )
    names = [column[0] for column in cursor.description or ()]
    rows = tuple(dict(zip(names, row, strict=True)) for row in cursor.fetchall())
    amount = counted.value if is_sum and counted else "0"
    late = "received_at > $finalized" if line["finalized_at"] else "false"
    finalized = {"finalized": line["finalized_at"]} if line["finalized_at"] else {}
    [(count, late_count, total)] = connection.execute(
        f"select count(*), count(*) filter (where {late}),"
        f" sum(cast({amount} as decimal(38, 12))) from {relation}",
        values | finalized,
    ).fetchall()
    since = "slice" if is_sum else "period"
    events = Events(count, rows, counted is not None, since, late_count)
    metered = rows_of(connection, _METERED, types).get(line["line_item_id"])
    if not is_sum or not metered:
        return events, []
    found_and_metered = total or Decimal(0), metered[0]["metered"]
    return events, [Sum("the events add up to what was metered", *found_and_metered)]


def _counted(project: Project, metric_name: str) -> Counted | None:
    sources, _ = metric_sources(project)
    return next((counted_events(one) for one in sources if one.name == metric_name), None)


def _conditions(metric: Row, counted: Counted | None, line: Row) -> list[str]:
    conditions = [
        "customer_id = $customer",
        '"timestamp" >= $from',
        '"timestamp" < $to',
    ]
    if counted is None:
        if metric["event_types"] is not None:
            types = ", ".join(quote_text(name) for name in metric["event_types"])
            conditions.append(f"event_type in ({types})")
        return conditions
    conditions.append(counted.condition)
    for column in ("pricing_group_values", "presentation_group_values"):
        for key, value in json.loads(line[column] or "{}").items():
            meant = "null" if value is None else quote_text(value)
            conditions.append(f"{property_column(key)} is not distinct from {meant}")
    key = metric["usage_filter_key"]
    if key is not None:
        values = ", ".join(quote_text(value) for value in metric["usage_filter_values"])
        read = property_column(key) if key in metric["properties"] else None
        where = read or f"properties[{quote_text(key)}]"
        conditions.append(f"{where} in ({values})")
    return conditions
