"""A compiled SQL metric gives, for every scope, what the author's own text gives on that scope
alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bursar.metrics.compiler import compile_one
from bursar.metrics.definition import CompiledMetric
from bursar.metrics.observed import Observed
from bursar.metrics.problems import Problems, Source
from bursar.warehouse.metric_proof import compiled_rows, rows_alone
from bursar.warehouse.type_oracle import TypeOracle
from tests.compiler.events import some_events, some_scopes
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


@pytest.mark.parametrize("name", SQL_METRICS)
def test_over_all_scopes_is_alone_on_each(name: str, oracle: TypeOracle) -> None:
    metric = compiled(SQL_METRICS[name], oracle)
    events, scopes = some_events(seed=1), some_scopes()
    together = compiled_rows(metric, events, scopes)
    alone = [rows_alone(SQL_METRICS[name], metric.definition.properties, events, s) for s in scopes]
    assert together == alone
    assert any(any(value for _, value in rows) for rows in alone), "the proof would show nothing"
