"""Named instants at which a test can kill a landing or a compaction.

Owns the hook alone: with the environment variable ``BURSAR_FAULT=<point>`` the process kills itself
with SIGKILL when it reaches that point, as a power cut or the kernel's memory killer would. The
point may be a pattern and the how manieth match: ``synced:3``, ``recovery-*:2``, ``*:40``.
``tests/faults`` uses it.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from fnmatch import fnmatchcase

VARIABLE = "BURSAR_FAULT"

# In the order in which a landing first passes them; those in the middle it passes many times.
POINTS = (
    "locked",
    "folder-made",
    "chunk-staged",
    "all-staged",
    "synced",
    "manifest-written",
    "manifest-staged",
    "file-moved",
    "all-files-moved",
    "manifest-moved",
    "committed",
    "cleaned",
)

COMPACTION_POINTS = (
    "locked",
    "old-file-removed",
    "day-merged",
    "all-staged",
    "synced",
    "manifest-written",
    "manifest-staged",
    "file-moved",
    "all-files-moved",
    "manifest-moved",
    "committed",
    "cleaned",
)

RECOVERY_POINTS = (
    "recovery-begun",
    "recovery-file-removed",
    "recovery-folder-synced",
    "recovery-files-removed",
    "recovery-manifest-removed",
    "recovery-ended",
)

_reached: Counter[str] = Counter()


def reach(point: str) -> None:
    """Dies here if the environment says so."""
    wanted = os.environ.get(VARIABLE)
    if not wanted:
        return
    pattern, _, times = wanted.partition(":")
    if fnmatchcase(point, pattern):
        _reached[wanted] += 1
        if _reached[wanted] == int(times or 1):
            os.write(2, f"Killed at {point}\n".encode())
            os.kill(os.getpid(), signal.SIGKILL)
