"""Runs killed at every step of building and publishing: readers never see half of it.

The whole campaign: BURSAR_KILLS=250 pytest -n 0 tests/publication/test_killed_runs.py
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.support.killed_runs import BUILD_POINTS, DBT_STEP, MONTHLY, RUN_POINTS, KilledRuns

KILLS = int(os.environ.get("BURSAR_KILLS", "6"))
ALL_STEPS_FROM = 100


@pytest.mark.slow
@pytest.mark.timeout(max(300, 30 * KILLS))
def test_after_any_kills_no_invoice_is_lost_or_twice_and_every_version_is_whole(
    tmp_path: Path,
) -> None:
    figures = KilledRuns(tmp_path, MONTHLY, KILLS).run()
    print(json.dumps(figures))  # noqa: T201 - the long campaign's report
    assert figures["kills"] >= KILLS
    # Otherwise it has read before and after, and proves nothing.
    assert figures["versions_read"] > 1
    if KILLS >= ALL_STEPS_FROM:
        assert figures["kills_at_random"] > 0
        assert {*BUILD_POINTS, DBT_STEP, *RUN_POINTS} - set(figures["kills_by_step"]) == set()
