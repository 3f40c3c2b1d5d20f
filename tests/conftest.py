"""What every test shares: none sees the environment of a run."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _no_run_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BURSAR_RUN_STATE", raising=False)
