"""A compiled query that the engine may bind and not plan is planned before it is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from bursar.metrics.compiler import compile_metrics
from bursar.metrics.kinds import EngineRefusal
from bursar.metrics.observed import Observed
from bursar.metrics.problems import Source
from bursar.warehouse.type_oracle import TypeOracle

NESTED = (
    "select count(*) as value from events as e"
    " where exists (select 1 from events as f where f.timestamp > e.timestamp)",
    "select (select count(*) from events) as value from events",
    "select count(*) as value from events where event_type in (select event_type from events)",
)
FLAT = (
    "select count(*) as value from events",
    "with t as (select event_type as k from events) select count(*) as value from t",
    "(select 1 as value from events) union all (select 2 from events order by timestamp limit 1)",
)


@pytest.fixture
def oracle() -> Iterator[TypeOracle]:
    engine = TypeOracle()
    yield engine
    engine.close()


@pytest.mark.parametrize("text", [*NESTED, *FLAT])
def test_only_queries_in_expressions_are_planned(text: str, oracle: TypeOracle) -> None:
    def never_plans(query: str, *, is_planned: bool = False) -> Sequence[tuple[str, str]]:
        if is_planned:
            raise EngineRefusal("it cannot be planned")
        return oracle.describe(query)

    source = Source("m", "metrics/m.sql", text)
    compilation = compile_metrics([source], Observed({}), never_plans)
    errors = [d.message for d in compilation.diagnostics if d.severity.value == "error"]
    is_told = [message.endswith("it cannot be planned") for message in errors]
    assert is_told == ([True] if text in NESTED else [])
