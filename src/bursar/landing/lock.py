"""One lander at a time.

Owns the lock file ``landing/.lock``: an advisory lock of the operating system, which dies with its
process however that ends. Readers never take it.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from bursar.errors import BursarError, ExitCode
from bursar.landing.durable import make_folder
from bursar.landing.failures import told
from bursar.landing.instants import datetime_to_instant, format_instant

WAIT_SECONDS = 5.0
_POLL_SECONDS = 0.05


@contextmanager
def landing_lock(
    landing: Path,
    *,
    wait_seconds: float = WAIT_SECONDS,
    on_wait: Callable[[str], None] | None = None,
) -> Iterator[None]:
    """Holds the landing lock for the body.

    Args:
        landing: The project's landing folder; made if absent.
        wait_seconds: How long to wait for another lander to end.
        on_wait: Told who holds the lock, once, if it has to be waited for.

    Raises:
        BursarError: Another process still holds the lock, and the message says which; or the
            folder cannot be written.
    """
    with told(landing, "Nothing was landed, for its folder cannot be written"):
        make_folder(landing)
        descriptor = os.open(landing / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _acquire(descriptor, landing, wait_seconds, on_wait)
        # Who holds it is a courtesy, for which a full disk may have no room.
        with suppress(OSError):
            os.ftruncate(descriptor, 0)
            since = format_instant(datetime_to_instant(datetime.now(UTC)))
            holder = f"process {os.getpid()} since {since}"
            os.pwrite(descriptor, holder.encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _acquire(
    descriptor: int, landing: Path, wait_seconds: float, on_wait: Callable[[str], None] | None
) -> None:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise _held(descriptor, landing) from None
        if on_wait:
            on_wait(_holder(descriptor))
            on_wait = None
        time.sleep(_POLL_SECONDS)


def _holder(descriptor: int) -> str:
    return os.pread(descriptor, 200, 0).decode(errors="replace") or "another process"


def _held(descriptor: int, landing: Path) -> BursarError:
    return BursarError(
        f"Events are being landed already: {landing / '.lock'} is held by {_holder(descriptor)}.",
        remedy="Wait for it to end and run this again. The lock goes away with its process.",
        exit_code=ExitCode.WAREHOUSE_UNAVAILABLE,
    )
