"""The worked cases that come with the specification; skips where they are absent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.shared_builds import SharedBuilds, grouped

CASES = Path(__file__).parents[3] / "shared" / "cases"
FOLDERS = sorted(path.parent for path in CASES.glob("*/as_of.txt"))

pytestmark = pytest.mark.skipif(not FOLDERS, reason="the worked cases are not here")


@pytest.mark.parametrize("folder", grouped(FOLDERS))
def test_the_bill_is_the_one_of_the_case(folder: Path, bills: SharedBuilds) -> None:
    assert bills.differences(folder) == []
