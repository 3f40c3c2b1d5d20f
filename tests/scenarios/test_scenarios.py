"""Is the bill right, end to end? A folder a scenario; its README says why its figures are right."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.shared_builds import SharedBuilds, grouped

FOLDERS = sorted(path.parent for path in Path(__file__).parent.glob("*/as_of.txt"))


@pytest.mark.parametrize("folder", grouped(FOLDERS))
def test_the_bill_is_the_one_worked_out_by_hand(folder: Path, bills: SharedBuilds) -> None:
    assert bills.differences(folder) == []
