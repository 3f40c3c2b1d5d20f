from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks import landing


def test_the_landing_benchmark_lands_what_it_measures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(landing.EVENTS, "tiny", 1_000)
    bare, landed, ratio = landing.measure(tmp_path, "tiny")
    assert (landed["accepted"], landed["duplicate"], landed["rejected"]) == (980, 5, 15)
    assert bare["value"] > 0
    assert ratio["figure"] == "landing to bare"
    assert 200 < (tmp_path / "events.ndjson").stat().st_size / 1_000 < 300
