"""`bursar run`: what a scheduler calls, again and again.

The inbox is landed, every bill computed, what is due finalized and the result published. Owns the
order of the steps and the inbox. Each step is whole or has not happened, and the next run goes on
from there. It leaves the steps to their rooms: `bursar.landing`, `bursar.warehouse` and
`bursar.ledger`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bursar.landing import BatchReport, LandOptions, faults, land
from bursar.landing.durable import make_folder, sync
from bursar.landing.lock import landing_lock
from bursar.ledger.finalizing import Finalized, finalize
from bursar.project import Project
from bursar.warehouse import lock
from bursar.warehouse.build import BuildReport, build
from bursar.warehouse.dbt_process import Step

# Within the inbox, so that a move stays on one disk and is one step.
_LANDED = "landed"
_UNFINISHED = (".tmp", ".part")


@dataclass(frozen=True)
class Run:
    """What a run has done.

    Args:
        as_of: Its instant.
        files: The files of the inbox that were landed, by name.
        landed: Their batch; none if the inbox was empty.
        built: The build that is published now.
        finalized: What became final, and what waits.
        seconds: How long it took.
    """

    as_of: datetime
    files: tuple[str, ...]
    landed: BatchReport | None
    built: BuildReport
    finalized: Finalized
    seconds: float


def run(
    project: Project,
    as_of: datetime | None = None,
    *,
    promoted: tuple[str, ...] = (),
    on_step: Callable[[Step], None] | None = None,
) -> Run:
    """Lands the inbox, builds, finalizes what is due, and publishes.

    Args:
        project: Whose.
        as_of: What is taken for now; the clock's if not given.
        promoted: The property keys that get a column of their own.
        on_step: Told of every step of dbt as it begins.

    Raises:
        BursarError: As landing, building and finalizing do; or another run is going on (3). What
            was done before it stays done.
    """
    began = time.monotonic()
    with lock.exclusive(project, "bursar run", lock.RUN_LOCK_FILE):
        files, landed = _land_inbox(project, as_of, promoted)
        as_of = as_of or _now(project)
        built = build(project, as_of=as_of, on_step=on_step)
        faults.reach("run-built")
        finalized = finalize(project, is_at_once=True)
        faults.reach("run-finalized")
        if finalized.batch:
            # The same instant: what was due is the only thing that has changed.
            built = build(project, as_of=as_of, on_step=on_step)
            faults.reach("run-published")
    return Run(as_of, files, landed, built, finalized, time.monotonic() - began)


def inbox(project: Project) -> list[Path]:
    """The files that wait, in order of name; hidden and unfinished ones do not."""
    folder = project.landing / "inbox"
    return sorted(
        path
        for path in folder.glob("*")
        if path.is_file() and not path.name.startswith(".") and not path.name.endswith(_UNFINISHED)
    )


def _land_inbox(
    project: Project, as_of: datetime | None, promoted: tuple[str, ...]
) -> tuple[tuple[str, ...], BatchReport | None]:
    """Lands what waits as one batch, and then moves it aside.

    A run that is killed in between leaves files that have landed; the next run lands them again,
    where every line repeats an event that is known, and none is billed twice.
    """
    paths = inbox(project)
    if not paths:
        return (), None
    options = LandOptions(received_at=as_of, promoted=promoted)
    landed = land(project, [str(path) for path in paths], options)
    faults.reach("run-landed")
    aside = project.landing / "inbox" / _LANDED / landed.manifest.batch_id
    make_folder(aside)
    for path in paths:
        path.replace(aside / path.name)
        faults.reach("run-moved")
    sync(aside)
    return tuple(path.name for path in paths), landed


def _now(project: Project) -> datetime:
    """An instant after that of every batch which is not committed before it."""
    with landing_lock(project.landing):
        return datetime.now(UTC)
