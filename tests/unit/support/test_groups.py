"""Tests that share what is dear to make run in one worker, so that it is made once."""

from __future__ import annotations

import pytest


@pytest.mark.xdist_group("group")
def test_a_worker_is_told_the_group_of_a_test(request: pytest.FixtureRequest) -> None:
    if not hasattr(request.config, "workerinput"):
        pytest.skip("without workers there is nothing to share out")
    # By this the tests are shared out; pytest 9.2 no longer lets xdist 3.8 write it.
    assert request.node.nodeid.endswith("@group")
