from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks import landing


def test_the_landing_benchmark_lands_what_it_measures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(landing.EVENTS, "tiny", 1_000)
    figures = {figure["figure"]: figure for figure in landing.measure(tmp_path, "tiny")}
    landed = figures["landing: events per second"]
    # Of twenty bad lines five repeat one id, whose first is accepted.
    assert (landed["accepted"], landed["duplicate"], landed["rejected"]) == (981, 4, 15)
    assert figures["bare: events per second"]["value"] > 0
    assert figures["landing to bare"]["value"] > 0
    assert 200 < (tmp_path / "events.ndjson").stat().st_size / 1_000 < 300
