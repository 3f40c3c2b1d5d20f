"""Where the engine alone would cut digits or choose among ties, the compiled metric is settled.

The proof then compares the lifted query with the same query not lifted.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest

from bursar.metrics.definition import MetricClass
from bursar.metrics.problems import Source
from bursar.warehouse.metric_proof import compiled_rows
from bursar.warehouse.proof_rows import ProofEvent, ProofScope
from bursar.warehouse.proving import prove
from bursar.warehouse.type_oracle import TypeOracle
from tests.compiler.events import START
from tests.support.differential import compiled

SCOPE = ProofScope("ann", START, START + timedelta(days=1))
MIXED = """
    select sum(n) as value from (
        select properties.m::decimal(38, 0) as n from events
        union all select properties.n::decimal(38, 12) from events
    ) as t
"""
TIED = """
    select properties.n::decimal(38, 12) as value from events
    qualify row_number() over (order by timestamp) = 1
"""


@pytest.fixture(scope="module")
def oracle() -> Iterator[TypeOracle]:
    engine = TypeOracle()
    yield engine
    engine.close()


def value(text: str, events: list[ProofEvent], oracle: TypeOracle) -> Decimal | None:
    (rows,) = compiled_rows(compiled(text, oracle.describe), events, [SCOPE])
    ((_, found),) = rows
    return found


def event(number: int, **properties: str) -> ProofEvent:
    return ProofEvent(f"t{number}", "ann", "a", START, properties)


def test_a_union_of_two_scales_keeps_the_finer_one(oracle: TypeOracle) -> None:
    assert value(MIXED, [event(1, m="2"), event(2, n="0.25")], oracle) == Decimal("2.25")


def test_ties_go_to_the_lower_transaction_id_whatever_the_order(oracle: TypeOracle) -> None:
    events = [event(2, n="20"), event(1, n="10"), event(3, n="30")]
    assert value(TIED, events, oracle) == value(TIED, events[::-1], oracle) == 10


@pytest.mark.parametrize("text", [MIXED, TIED])
def test_what_is_settled_is_proved(text: str, oracle: TypeOracle) -> None:
    metric = compiled(text, oracle.describe)
    assert metric.alone
    assert prove(Source("m", "metrics/m.sql", text), metric) is None


CLASSES = {
    "select sum(properties.n::int) as value from events": MetricClass.ADDITIVE,
    "select max(properties.n::int) as value from events": MetricClass.MERGEABLE,
    "select count(distinct properties.n) as value from events": MetricClass.DISTINCT,
    """
        with daily as (
            select date_trunc('day', timestamp) as day, max(properties.n::int) as peak
            from events group by day
        )
        select sum(peak) as value from daily
    """: MetricClass.DAY_LOCAL,
    """
        with hourly as (
            select date_trunc('hour', timestamp) as at, max(properties.n::int) as peak
            from events group by at
        )
        select sum(peak) as value from hourly
    """: MetricClass.HOLISTIC,
    """
        select count(*) as value from events as a
        inner join events as b on a.properties.n = b.properties.n
    """: MetricClass.HOLISTIC,
    """
        select sum(properties.n::int) as value from events
        where exists (select 1 from events as b where b.event_type = 'x')
    """: MetricClass.HOLISTIC,
    "select sum(sum(properties.n::int)) over () as value from events": MetricClass.HOLISTIC,
}


@pytest.mark.parametrize("text", CLASSES)
def test_only_what_adds_up_is_additive(text: str, oracle: TypeOracle) -> None:
    assert compiled(text, oracle.describe).definition.metric_class is CLASSES[text]
