"""Is the bill right, end to end? A folder a scenario; its README says why its figures are right."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.scenarios import differences, run_scenario

FOLDERS = sorted(path.parent for path in Path(__file__).parent.glob("*/as_of.txt"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_bill_is_the_one_worked_out_by_hand(folder: Path, workbench: Path) -> None:
    project = run_scenario(folder, workbench)
    assert differences(folder, project) == []
