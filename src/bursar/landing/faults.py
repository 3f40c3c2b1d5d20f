"""Named instants at which a test can kill a landing or a compaction.

Owns the hook alone: with the environment variable ``BURSAR_FAULT=<point>`` the process kills itself
with SIGKILL when it reaches that point, as a power cut or the kernel's memory killer would.
``tests/faults`` uses it.
"""

from __future__ import annotations

import os
import signal

VARIABLE = "BURSAR_FAULT"

# In the order in which a landing passes them.
POINTS = (
    "locked",
    "chunk-staged",
    "all-staged",
    "manifest-staged",
    "first-file-moved",
    "all-files-moved",
    "committed",
    "cleaned",
)

COMPACTION_POINTS = (
    "locked",
    "first-old-file-removed",
    "day-merged",
    "all-staged",
    "manifest-staged",
    "first-file-moved",
    "all-files-moved",
    "committed",
    "cleaned",
)


def reach(point: str) -> None:
    """Dies here if the environment says so."""
    if os.environ.get(VARIABLE) == point:
        os.kill(os.getpid(), signal.SIGKILL)
