from __future__ import annotations

from pathlib import Path

from benchmarks import metric_queries, metrics


def test_the_metrics_benchmark_measures_queries_that_give_the_same_rows(tmp_path: Path) -> None:
    checked, *figures, median = metrics.measure(tmp_path, events=4_000, scopes=40, rounds=1)
    assert checked["metrics"] == 200
    assert [figure["figure"] for figure in figures] == list(metric_queries.QUERIES)
    measured = {f["figure"]: f for f in figures if f["value"] is not None}
    assert measured["sum_by_key"]["rows"] == 10 * 4 * 6
    assert measured["count_distinct"]["rows"] == 40
    assert median["value"] > 0
