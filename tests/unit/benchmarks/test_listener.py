from __future__ import annotations

from pathlib import Path

from benchmarks import listener


def test_the_listener_benchmark_counts_what_has_landed(tmp_path: Path) -> None:
    pace, answers = listener.measure(tmp_path, events=250, senders=2)
    assert (pace["events"], pace["accepted"]) == (250, 250)
    assert pace["value"] >= pace["landed_per_second"] > 0
    assert answers["requests"] == 3
    assert 0 < answers["p50"] <= answers["p99"] <= answers["max"]
