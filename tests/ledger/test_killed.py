"""Finalizations and voids that are really killed, at every step: nothing is lost, nothing twice."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bursar.landing import faults
from bursar.ledger.batches import Batch, manifest_paths, read_batches
from bursar.ledger.finalizing import finalize
from bursar.ledger.verifying import verify
from bursar.ledger.voiding import void
from bursar.project import Project
from bursar.warehouse import fingerprints
from tests.ledger.conftest import copied
from tests.ledger.figures import FEBRUARY_5
from tests.support.killed_runs import kept

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("ledger")]
ATTEMPT_SECONDS_MAX = 240
STEPS_MAX = 60
KILLS_AT_RANDOM = int(os.environ.get("BURSAR_KILLS", "20"))
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["tests.ledger.test_killed"])
LEDGER_POINTS = {
    "ledger-staged",
    "ledger-manifest-staged",
    "ledger-file-moved",
    "ledger-manifest-moved",
    "ledger-committed",
}
Work = Callable[[Project], object]


def finalizes(project: Project) -> None:
    finalize(project)


def voids(project: Project) -> None:
    void(project, "k:usage:2026-01-01", "wrong", FEBRUARY_5)


@pytest.fixture
def finalized_elsewhere(drafted: Project, tmp_path: Path) -> Project:
    """A copy that was finalized without a kill."""
    project = copied(drafted, tmp_path / "undisturbed")
    finalize(project)
    return project


def _run(work: Work, root: str, fault: str, log: str) -> None:
    os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
    os.environ[faults.VARIABLE] = fault
    work(Project(Path(root)))


def is_killed(
    work: Work, project: Project, fault: str, log: Path, *, after: float = ATTEMPT_SECONDS_MAX
) -> bool:
    """Works in a process of its own; whether the fault killed it, or we, after some seconds."""
    process = _PROCESSES.Process(target=_run, args=(work, str(project.root), fault, str(log)))
    process.start()
    process.join(after)
    process.kill()
    process.join(ATTEMPT_SECONDS_MAX)
    assert process.exitcode in (0, -signal.SIGKILL), log.read_text()
    return process.exitcode != 0


def content(batches: list[Batch]) -> list[dict[str, str]]:
    return [batch.invoices for batch in batches]


def check_killed_at_each_step(
    project: Project, undisturbed: Project, work: Work, tmp_path: Path
) -> set[str]:
    """Kills the work at its first step, its second, and so on; returns where it died."""
    log, before = tmp_path / "said.txt", tmp_path / "before"
    project.ledger.mkdir(exist_ok=True)
    shutil.copytree(project.ledger, before)
    batches = len(manifest_paths(project))
    for step in range(1, STEPS_MAX):
        shutil.rmtree(project.ledger)
        shutil.copytree(before, project.ledger)
        if not is_killed(work, project, f"*:{step}", log):
            return {said.removeprefix("Killed at ") for said in log.read_text().splitlines()}
        for fault in (f"*:{1 + step % 5}", ""):
            # Readers see the whole batch or nothing of it, and it is committed once.
            verified = verify(project)
            assert verified.problems == ()
            if verified.batches == batches:
                is_killed(work, project, fault, log)
        assert verify(project).problems == ()
        assert kept(project) == kept(undisturbed)
        assert content(read_batches(project)) == content(read_batches(undisturbed))
    pytest.fail("It never came to its end.")


def test_a_finalization_killed_at_any_step_is_made_good_by_the_next(
    drafted: Project, finalized_elsewhere: Project, tmp_path: Path
) -> None:
    points = check_killed_at_each_step(drafted, finalized_elsewhere, finalizes, tmp_path)
    assert points >= {*LEDGER_POINTS, "ledger-recovery-file-removed"}
    assert finalize(drafted).batch is None


def test_a_finalization_killed_at_any_instant_is_made_good_by_the_next(
    drafted: Project, finalized_elsewhere: Project, tmp_path: Path
) -> None:
    chance = random.Random(20260204)
    log = tmp_path / "said.txt"
    wanted = content(read_batches(finalized_elsewhere))
    kills, seconds = 0, 0.3
    while kills < KILLS_AT_RANDOM:
        began = time.monotonic()
        is_dead = is_killed(finalizes, drafted, "", log, after=chance.uniform(0, 1.2 * seconds))
        kills += is_dead
        assert verify(drafted).problems == ()
        assert content(read_batches(drafted)) in ([], wanted)
        if not is_dead:
            seconds = time.monotonic() - began
        if manifest_paths(drafted):
            assert kept(drafted) == kept(finalized_elsewhere)
            shutil.rmtree(drafted.ledger)


def test_a_void_killed_at_any_step_is_made_good_by_the_next(
    finalized: Project, tmp_path: Path
) -> None:
    undisturbed = copied(finalized, tmp_path / "undisturbed")
    voids(undisturbed)
    assert check_killed_at_each_step(finalized, undisturbed, voids, tmp_path) >= LEDGER_POINTS


def test_what_a_killed_finalization_left_makes_no_warehouse_stale(
    drafted: Project, tmp_path: Path
) -> None:
    before = fingerprints.take(drafted, [])
    assert is_killed(finalizes, drafted, "ledger-file-moved:2", tmp_path / "said.txt")
    assert len(list(drafted.ledger.glob("*/*.parquet"))) == 2
    assert fingerprints.take(drafted, []) == before
