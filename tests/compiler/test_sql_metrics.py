"""A compiled SQL metric gives, for every scope, what the author's own text gives on that scope
alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import duckdb
import pytest

from bursar.metrics.compiler import compile_one
from bursar.metrics.definition import CompiledMetric
from bursar.metrics.observed import Observed
from bursar.metrics.problems import Problems, Source
from bursar.warehouse.metric_proof import compiled_rows, each_alone
from bursar.warehouse.proof_rows import ProofEvent, ProofScope
from bursar.warehouse.type_oracle import TypeOracle
from tests.compiler.events import START, some_events, some_scopes
from tests.compiler.odd_sql_metrics import ODDITIES
from tests.compiler.sql_metrics import SQL_METRICS


@pytest.fixture(scope="module")
def oracle() -> Iterator[TypeOracle]:
    engine = TypeOracle()
    yield engine
    engine.close()


def compiled(text: str, oracle: TypeOracle) -> CompiledMetric:
    problems = Problems(source := Source("m", "metrics/m.sql", text))
    metric = compile_one(source, Observed({}), oracle.describe, problems)
    assert metric is not None, "\n".join(problem.render() for problem in problems)
    return metric


def differing_scopes(text: str, oracle: TypeOracle, seed: int) -> list[int]:
    metric = compiled(text, oracle)
    events, scopes = some_events(seed), some_scopes()
    together = compiled_rows(metric, events, scopes)
    with each_alone(text, metric.definition.properties, events) as rows_of:
        alone = [rows_of(scope) for scope in scopes]
    return [n for n, rows in enumerate(alone) if rows != together[n]]


GROUPED_BY_SUM = re.compile(r"group by\s+properties\.n::decimal\(38, 12\) \+ 1")


@pytest.mark.parametrize("name", SQL_METRICS)
def test_over_all_scopes_is_alone_on_each(name: str, oracle: TypeOracle) -> None:
    assert differing_scopes(SQL_METRICS[name], oracle, seed=1) == []


@pytest.mark.parametrize("text", ODDITIES)
def test_oddities_over_all_scopes_are_alone_on_each(text: str, oracle: TypeOracle) -> None:
    if duckdb.__version__ < "2" and GROUPED_BY_SUM.search(text):
        pytest.skip("DuckDB 1.5.5 fails to bind `try` in a grouping expression; 2.0 does not")
    assert differing_scopes(text, oracle, seed=3) == []


def values(text: str, oracle: TypeOracle, *properties: dict[str, str]) -> list[Decimal | None]:
    """The values of a metric on one scope with one event for each set of properties."""
    events = [ProofEvent(f"t{n}", "one", "a", START, given) for n, given in enumerate(properties)]
    scope = ProofScope("one", START, START + timedelta(days=1))
    (rows,) = compiled_rows(compiled(text, oracle), events, [scope])
    return sorted((value for _, value in rows.elements()), key=str)


def test_mixed_scales_are_not_cut(oracle: TypeOracle) -> None:
    text = """
        select sum(coalesce(properties.m::decimal(38, 0), properties.n::decimal(38, 12))) as value
        from events
    """
    assert values(text, oracle, {"n": "0.25"}, {"m": "2"}) == [Decimal("2.25")]


def test_what_would_overflow_is_null(oracle: TypeOracle) -> None:
    text = "select sum(properties.n::decimal(38, 12) * 10) as value from events"
    assert values(text, oracle, {"n": "99999999999999999999999999"}) == [None]


def test_one_huge_number_does_not_stop_the_others(oracle: TypeOracle) -> None:
    text = "select sum(properties.n::decimal(38, 12)) as value from events"
    huge = {"n": "90000000000000000000000000"}
    assert values(text, oracle, huge, huge) == [None]
    assert values(text, oracle, huge, {"n": "0.5"}) == [
        Decimal("90000000000000000000000000.500000000000")
    ]


def test_a_position_beyond_the_engine_is_null(oracle: TypeOracle) -> None:
    text = """
        select count(substring(properties.n, 99999999999, 9223372036854775807)) as value from events
    """
    assert values(text, oracle, {"n": "x"}) == [Decimal(0)]


def test_two_events_of_one_instant_and_id_have_one_latest(oracle: TypeOracle) -> None:
    text = "select latest(properties.n::decimal(38, 12)) as value from events"
    metric = compiled(text, oracle)
    scope = ProofScope("one", START, START + timedelta(days=1))
    events = [ProofEvent("same", "one", "a", START, {"n": n}) for n in ("1", "3", "2")]
    for order in (events, events[::-1]):
        (rows,) = compiled_rows(metric, order, [scope])
        assert [value for _, value in rows] == [Decimal(3)]
