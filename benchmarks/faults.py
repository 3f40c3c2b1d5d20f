"""Hundreds of real kills at every step of landing, compaction and recovery, and what is left after.

Owns the command alone: `python -m benchmarks faults --kills 300`. The campaign and its checks are
those of the tests (`tests.support.killing`); a check that fails ends it with its words.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support.killing import Campaign


def measure(folder: Path, kills: int) -> Iterator[dict[str, Any]]:
    """The figures of a campaign after which every batch added up and no event was lost or twice.

    Args:
        folder: An empty folder to work in.
        kills: How many attempts to kill.
    """
    yield {"figure": "kills survived", **Campaign(folder, kills).run()}
