"""What `bursar metric new` writes passes `bursar metric check` as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from bursar.errors import BursarError
from bursar.metrics.compiler import compile_metrics
from bursar.metrics.declared import Aggregation
from bursar.metrics.observed import Observed
from bursar.metrics.problems import Source
from bursar.metrics.templates import new_metric_file
from bursar.warehouse.type_oracle import TypeOracle

SEEN: tuple[dict[str, frozenset[str]], ...] = (
    {},
    {"use": frozenset({"n", "m"})},
    {"it's": frozenset({'od"d', "x'y"})},
    {"empty": frozenset[str](), "yes": frozenset({"no"})},
)


@pytest.mark.parametrize("seen", SEEN, ids=["nothing", "plain", "quoted", "mixed"])
@pytest.mark.parametrize("aggregation", [*(a.value for a in Aggregation), None])
def test_a_new_metric_is_fine(aggregation: str | None, seen: dict[str, frozenset[str]]) -> None:
    name, text = new_metric_file("tokens", aggregation, seen)
    source = Source(Path(name).stem, f"metrics/{name}", text)
    oracle = TypeOracle()
    compilation = compile_metrics([source], Observed(seen), oracle.describe)
    oracle.close()
    assert not compilation.has_errors
    assert [metric.definition.name for metric in compilation.metrics] == ["tokens"]


@pytest.mark.parametrize("name", ["Tokens", "a__b", "_a", "1a", "events", "x" * 51, "a-b", ""])
def test_a_name_that_no_metric_can_have_is_refused(name: str) -> None:
    with pytest.raises(BursarError):
        new_metric_file(name, None, {})


def test_an_aggregation_that_there_is_not_is_refused() -> None:
    with pytest.raises(BursarError, match="one of count, sum, max, latest, unique"):
        new_metric_file("tokens", "median", {})
