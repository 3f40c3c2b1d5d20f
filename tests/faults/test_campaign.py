"""Landings, compactions and recoveries killed at step after step: nothing is lost or twice.

`python -m benchmarks faults` is the whole campaign, with 300 kills at every step there is.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bursar.landing import faults
from tests.support.killing import Campaign

# The whole campaign here: BURSAR_KILLS=300 pytest tests/faults/test_campaign.py
KILLS = int(os.environ.get("BURSAR_KILLS", "40"))
ALL_STEPS_FROM = 300


@pytest.mark.slow
@pytest.mark.timeout(max(300, 10 * KILLS))
def test_after_any_kills_every_batch_adds_up_and_no_event_is_lost_or_twice(tmp_path: Path) -> None:
    is_whole = KILLS >= ALL_STEPS_FROM
    figures = Campaign(tmp_path, KILLS, stride=1 if is_whole else 5).run()
    assert figures["kills"] >= KILLS
    assert figures["kills_at_random"] > 0
    if is_whole:
        points = {*faults.POINTS, *faults.COMPACTION_POINTS, *faults.RECOVERY_POINTS}
        assert points - set(figures["kills_by_step"]) == set()
