"""What to say when the disk gives out under a landing.

Owns the words for a full disk and for a folder that cannot be written: what is full, where, and
what to do. It leaves what was kept and what was not to whoever was writing.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bursar.errors import BursarError

_FULL = (errno.ENOSPC, errno.EDQUOT)
# The engine tells of a full disk in words alone.
_FULL_IN_WORDS = ("No space left on device", "Disk quota exceeded", "max_temp_directory_size")
_BYTES_PER_MEGABYTE = 1_000_000


def is_disk_full(error: Exception) -> bool:
    """Whether an error of the system or of the engine says that there is no room."""
    if isinstance(error, OSError) and error.errno in _FULL:
        return True
    return any(words in str(error) for words in _FULL_IN_WORDS)


def reason(folder: Path, error: Exception) -> str:
    """What went wrong when the folder was written, as part of a sentence."""
    if not is_disk_full(error):
        return str(error).rstrip(".")
    free = shutil.disk_usage(_standing(folder)).free // _BYTES_PER_MEGABYTE
    return f"no space left on the disk of {folder}, where {free:,} MB are free"


def remedy(folder: Path, error: Exception, again: str = "run this again") -> str:
    """What to do about it."""
    if is_disk_full(error):
        return f"Make room on the disk of {folder}, and {again}."
    return f"Mend what it names, and {again}."


@contextmanager
def told(folder: Path, what: str) -> Iterator[None]:
    """Turns an error of the system in the body into words.

    Args:
        folder: Where the body writes.
        what: What could not be done, and what that means, as a sentence without its full stop.

    Raises:
        BursarError: The body raised an `OSError`.
    """
    try:
        yield
    except OSError as error:
        raise BursarError(
            f"{what}: {reason(folder, error)}.", remedy=remedy(folder, error)
        ) from error


def _standing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(candidate for candidate in (folder, *folder.parents) if candidate.exists())
