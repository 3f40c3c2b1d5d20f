"""What the scenarios and the worked cases share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One project folder that the bills of a module use in turn."""
    return tmp_path_factory.mktemp("workbench") / "project"
