"""A few random metrics, compiled and alone; `python -m benchmarks fuzz-metrics` runs thousands."""

from __future__ import annotations

from benchmarks.fuzz_metrics import fuzz
from benchmarks.random_metrics import Generator

QUERIES = 12


def test_random_metrics_give_alone_what_they_give_compiled() -> None:
    *wrong, all_of_them = fuzz(QUERIES, seed=5_000_000)
    assert [figure for figure in wrong if figure["figure"] != "refused"] == []
    assert "undecided" not in all_of_them
    assert int(str(all_of_them["agrees"])) >= QUERIES // 2


def test_a_seed_gives_its_query_again() -> None:
    assert Generator(7).metric() == Generator(7).metric() != Generator(8).metric()
