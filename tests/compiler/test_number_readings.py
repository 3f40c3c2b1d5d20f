"""A text that is no number costs nobody but its own event, and is listed just where it matters.

Five events of one customer and one of another; `bad` is the text of the first customer's second
event, which is of type b and model x.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import duckdb
import pytest

from bursar.metrics.columns import number_column
from bursar.metrics.definition import CompiledMetric
from bursar.metrics.models import events_model
from bursar.metrics.rendering import render
from bursar.properties import property_column
from bursar.warehouse.metric_proof import compiled_rows
from bursar.warehouse.proof_rows import ProofEvent, ProofScope
from bursar.warehouse.type_oracle import TypeOracle
from tests.compiler.events import START
from tests.support.differential import compiled

SCOPES = [ProofScope(customer, START, START + timedelta(days=1)) for customer in ("ann", "bob")]
N = "properties.n::decimal(38, 12)"

# The value for ann with the text `bad`, and for bob; whether ann's event is listed.
# ann: a 1, b bad, a 4, b 10, a 25. bob: a 7.
METRICS = {
    f"select sum({N}) as value from events": ("40", "7", True),
    f"select count({N}) as value from events": ("4", "1", True),
    f"select max({N}) - min({N}) as value from events": ("24", "0", True),
    f"select avg({N}) as value from events": ("10", "7", True),
    f"select median({N}) as value from events": ("7", "7", True),
    f"select quantile_disc({N}, 0.9) as value from events": ("25", "7", True),
    f"select count(distinct {N}) as value from events": ("4", "1", True),
    f"select latest({N}) as value from events": ("25", "7", True),
    f"select sum({N}) filter (where event_type = 'a') as value from events": ("30", "7", False),
    f"select sum({N}) filter (where event_type = 'b') as value from events": ("10", None, True),
    f"select sum(case when event_type = 'a' then {N} else 1 end) as value from events": (
        "32", "7", False,
    ),
    f"select sum({N}) as value from events where event_type = 'a'": ("30", "7", False),
    f"select count(*) as value from events where {N} > 3": ("3", "1", True),
    f"""
        select sum(x) as value from (
            select {N} as x from events where event_type = 'a'
            union all select 1 from events where event_type = 'b'
        ) as t
    """: ("32", "7", False),
    f"""
        select sum(b.{N}) as value from events as a
        inner join events as b on a.transaction_id = b.transaction_id and b.event_type = 'b'
    """: ("10", None, True),
    """
        select sum(text::decimal(38, 12)) as value from (
            select properties.n as text from events where event_type = 'a'
            union all select properties.n from events where event_type = 'c'
        ) as t
    """: ("30", "7", False),
    f"select sum(n) as value from (select sum({N}) over () as n from events) as t": (
        "200", "7", True,
    ),
    f"select max((select sum(b.{N}) from events as b)) as value from events": ("40", "7", True),
}  # fmt: skip


@pytest.fixture(scope="module")
def oracle() -> Iterator[TypeOracle]:
    engine = TypeOracle()
    yield engine
    engine.close()


def events(text: str) -> list[ProofEvent]:
    given = [("ann", "a", "1"), ("ann", "b", text), ("ann", "a", "4"), ("ann", "b", "10")]
    given += [("ann", "a", "25"), ("bob", "a", "7")]
    return [
        ProofEvent(f"t{n}", customer, kind, START + timedelta(hours=n), {"n": number})
        for n, (customer, kind, number) in enumerate(given)
    ]


def values(metric: CompiledMetric, text: str) -> list[Decimal | None]:
    found = compiled_rows(metric, events(text), SCOPES)
    return [next(iter(rows))[1] for rows in found]


def listed(metric: CompiledMetric, text: str) -> list[str]:
    """The events that `metric_number_failures` lists."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(
            "create table landed (transaction_id varchar, customer_id varchar, event_type varchar,"
            f' "timestamp" timestamp, received_at timestamp, {property_column("n")} varchar)'
        )
        for e in events(text):
            row = [e.transaction_id, e.customer_id, e.event_type, e.timestamp, e.timestamp]
            connection.execute(
                "insert into landed values (?, ?, ?, ?, ?, ?)", [*row, *e.properties.values()]
            )
        model = render(events_model([metric]), {}, "select * from landed")
        connection.execute(f"create table metric_events as {model}")
        found: set[str] = set()
        for reading in metric.number_readings:
            condition = f"({reading.condition}) and" if reading.condition else ""
            rows = connection.execute(
                f"select transaction_id from metric_events where {condition}"
                f" {property_column('n')} is not null and {number_column('n')} is null"
            ).fetchall()
            found.update(row[0] for row in rows)
        return sorted(found)


@pytest.mark.parametrize("text", METRICS)
def test_one_bad_text_stops_nobodys_bill_and_is_listed(text: str, oracle: TypeOracle) -> None:
    metric = compiled(text, oracle.describe)
    ann, bob, is_listed = METRICS[text]
    expected = [None if value is None else Decimal(value) for value in (ann, bob)]
    assert values(metric, "bad") == expected
    assert values(metric, "2")[1] == expected[1]
    assert listed(metric, "bad") == (["t1"] if is_listed else [])
    assert listed(metric, "2") == []
