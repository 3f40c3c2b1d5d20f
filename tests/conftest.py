"""What every test shares: the folder of the tests is importable, and no test sees a run's environment."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _no_run_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BURSAR_RUN_STATE", raising=False)
