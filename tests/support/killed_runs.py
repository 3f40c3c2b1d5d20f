"""Scheduled runs that are killed, again and again, while somebody reads.

Owns the campaign: month after month is put into the inbox and run, every attempt in a process of
its own. Attempts are killed (SIGKILL) at named steps of landing, building, publishing and
finalizing, at random steps of dbt and at random instants; then one may end. After every kill the
ledger's chain is intact and holds each month's invoice once or not yet, every batch adds up, and
nobody who reads has met half a version. At the end the project holds what an undisturbed one does.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# The server of processes imports all of it once; each attempt is forked from it.
import dbt.adapters.duckdb
import dbt.cli.main  # noqa: F401 - imported for the processes forked from here
import duckdb

from bursar.landing import faults
from bursar.ledger.batches import read_batches
from bursar.ledger.verifying import verify
from bursar.project import Project
from bursar.running import inbox, run
from bursar.warehouse import publish
from bursar.warehouse.dbt_process import Step
from tests.support import monthly_books
from tests.support.books import accepted_events, check_batches
from tests.support.reading import read_once, reading

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["tests.support.killed_runs"])

ATTEMPT_SECONDS_MAX = 300
DBT_STEP = "dbt-step"
# Of every build, the first of a run and the one after its finalization.
BUILD_POINTS = (
    "build-begun",
    "build-cleared",
    "build-prepared",
    "build-state-written",
    "build-computed",
    "build-shell-made",
    "publish-checkpointed",
    "publish-copied",
    "publish-synced",
    "publish-renamed",
    "publish-link-made",
    "publish-link-moved",
    "publish-linked",
    "publish-pruned",
    "build-published",
)
# Passed until they are behind for good: what has landed lands no more, what is final stays so.
RUN_POINTS = (
    "manifest-moved",
    "run-landed",
    "run-moved",
    "run-built",
    "ledger-staged",
    "ledger-manifest-staged",
    "ledger-file-moved",
    "ledger-manifest-moved",
    "ledger-committed",
    "run-finalized",
    "run-published",
)


@dataclass(frozen=True)
class Books:
    """A kind of project that is billed by the month.

    Args:
        make: Makes one in a folder.
        put_in_inbox: Puts a month's usage into its inbox.
        run_instant: When a month's run takes place; months count from 0 on.
        invoice_ids: The invoices that it makes final.
        dbt_steps: How many steps its builds have, about.
        is_a_dollar_an_event: Whether its invoices add up to its events.
    """

    make: Callable[[Path], Project]
    put_in_inbox: Callable[[Project, int], None]
    run_instant: Callable[[int], Any]
    invoice_ids: Callable[[int], list[str]]
    dbt_steps: int
    is_a_dollar_an_event: bool


MONTHLY = Books(
    monthly_books.monthly_books,
    monthly_books.put_in_inbox,
    monthly_books.run_instant,
    lambda month: [monthly_books.invoice_id(month)],
    dbt_steps=10,
    is_a_dollar_an_event=True,
)


def _attempt(root: str, as_of: Any, fault: str, log: str) -> None:
    os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
    os.environ[faults.VARIABLE] = fault

    def told(step: Step) -> None:
        del step
        faults.reach(DBT_STEP)

    run(Project(Path(root)), as_of, on_step=told)


@dataclass
class KilledRuns:
    """A project under attack.

    Args:
        folder: An empty folder.
        books: What is billed.
        kills_wanted: When to stop killing.
    """

    folder: Path
    books: Books
    kills_wanted: int
    points: Counter[str] = field(default_factory=Counter)
    kills_at_random: int = 0
    attempts: int = 0
    months: int = 0
    _random: random.Random = field(default_factory=lambda: random.Random(20260204))
    _seconds: float = 2.0
    _turns: Counter[tuple[str, ...]] = field(default_factory=Counter)

    @property
    def project(self) -> Project:
        """The project."""
        return Project(self.folder / "killed")

    @property
    def kills(self) -> int:
        """How many so far."""
        return self.points.total() + self.kills_at_random

    def run(self) -> dict[str, Any]:
        """Kills until it is enough; the figures of it."""
        began = time.monotonic()
        self.books.make(self.project.root)
        self._begin_month()
        # Before there is a version nobody reads.
        assert self._ends(None)
        published = self.project.published_database
        with reading(published, is_a_dollar_an_event=self.books.is_a_dollar_an_event) as reader:
            while self.kills < self.kills_wanted:
                self._begin_month()
                faults_of_turn = [self._next_of(RUN_POINTS), self._of_build(), ""]
                if not any(self._ends(fault) for fault in faults_of_turn):
                    assert self._ends(None)
                self._check_month_is_done()
        assert reader.wrong == []
        self._check_against_undisturbed()
        return {
            "kills": self.kills,
            "kills_at_random": self.kills_at_random,
            "kills_by_step": dict(sorted(self.points.items())),
            "attempts": self.attempts,
            "invoices": sum(len(batch.invoices) for batch in read_batches(self.project)),
            "reads": reader.reads,
            "versions_read": reader.versions,
            "seconds": round(time.monotonic() - began),
        }

    def _begin_month(self) -> None:
        self.books.put_in_inbox(self.project, self.months)
        self.months += 1

    def _next_of(self, points: tuple[str, ...]) -> str:
        self._turns[points] += 1
        return points[(self._turns[points] - 1) % len(points)]

    def _of_build(self) -> str:
        """A step of the run's first build or of its second, or one of dbt."""
        point = self._next_of((*BUILD_POINTS, DBT_STEP))
        if point == DBT_STEP:
            return f"{point}:{self._random.randint(1, self.books.dbt_steps)}"
        return f"{point}:{self._random.randint(1, 2)}"

    def _ends(self, fault: str | None) -> bool:
        """Runs, killed at the fault, at a random instant if that is empty.

        Returns:
            Whether it came to its end, as it does if there is no such step or instant.
        """
        log = self.folder / "said.txt"
        log.unlink(missing_ok=True)
        as_of = self.books.run_instant(self.months - 1)
        process = _PROCESSES.Process(
            target=_attempt, args=(str(self.project.root), as_of, fault or "", str(log))
        )
        began = time.monotonic()
        process.start()
        self.attempts += 1
        if fault == "":
            process.join(self._random.uniform(0, 1.1 * self._seconds))
            process.kill()
        process.join(ATTEMPT_SECONDS_MAX)
        said = log.read_text() if log.exists() else ""
        assert process.exitcode in (0, -signal.SIGKILL), said
        if process.exitcode == 0:
            self._seconds = time.monotonic() - began
        elif fault:
            assert f"Killed at {fault.partition(':')[0]}\n" in said
            self.points[fault.partition(":")[0]] += 1
        else:
            self.kills_at_random += 1
        self._check_nothing_is_broken()
        return process.exitcode == 0

    def _check_nothing_is_broken(self) -> None:
        verified = verify(self.project)
        assert verified.problems == ()
        final = [sorted(batch.invoices) for batch in read_batches(self.project)]
        assert final in (self._wanted(self.months - 1), self._wanted(self.months))
        check_batches(self.project.root)
        if self.project.published_database.exists():
            read_once(self.project.published_database)

    def _wanted(self, months: int) -> list[list[str]]:
        return [sorted(self.books.invoice_ids(month)) for month in range(months)]

    def _check_month_is_done(self) -> None:
        project = self.project
        assert inbox(project) == []
        assert [sorted(b.invoices) for b in read_batches(project)] == self._wanted(self.months)
        assert len(publish.versions(project)) <= publish.VERSIONS_KEPT
        assert not list(project.warehouse.glob("*.tmp"))
        with duckdb.connect(str(project.published_database), read_only=True) as connection:
            query = "select invoice_id from billing.invoices where status = 'finalized'"
            shown = sorted(row[0] for row in connection.execute(query).fetchall())
        assert shown == sorted(i for ids in self._wanted(self.months) for i in ids)

    def _check_against_undisturbed(self) -> None:
        undisturbed = self.books.make(self.folder / "undisturbed")
        for month in range(self.months):
            self.books.put_in_inbox(undisturbed, month)
            run(undisturbed, self.books.run_instant(month))
        assert accepted_events(self.project.root) == accepted_events(undisturbed.root)
        assert kept(self.project) == kept(undisturbed)
        found, wanted = (
            read_once(project.published_database) for project in (self.project, undisturbed)
        )
        assert found | {"built_at": ""} == wanted | {"built_at": ""}


def kept(project: Project) -> list[str]:
    """Every row of the ledger that a batch names, as text."""
    found: list[str] = []
    with duckdb.connect() as connection:
        for batch in read_batches(project):
            for file in batch.files:
                rows = connection.read_parquet(str(project.root / file.path)).fetchall()
                assert len(rows) == file.rows
                found += [f"{file.kind} {row}" for row in rows]
    return sorted(found)
