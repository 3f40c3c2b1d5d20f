"""What every test shares: none sees the environment of a run."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _no_run_state(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("BURSAR_RUN_STATE", "BURSAR_LANDED_FILES"):
        monkeypatch.delenv(variable, raising=False)
