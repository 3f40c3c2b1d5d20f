"""A landing folder whose landers and compacters are killed, again and again.

Owns the campaign: one project that takes batch after batch and is compacted in between, every
attempt in a process of its own. Attempts are killed (SIGKILL) at named steps, at one step after the
other, in the recovery from that and at random instants; then one may end. After every kill each
batch adds up; at the end the project holds what an undisturbed one does. It leaves the steps'
names to `bursar.landing.faults`.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from bursar.landing import LandOptions, faults, land
from bursar.landing.compact import GRACE, CompactOptions, compact
from bursar.landing.compactions import read_compactions
from bursar.landing.key_compactions import read_key_compactions
from bursar.landing.readers import chunk
from bursar.project import Project
from tests.support.books import (
    accepted_events,
    check_batches,
    check_nothing_superfluous,
    rejected_lines,
)
from tests.support.landing import RECEIVED_AT, line

# A process that has imported everything and is forked for each attempt: 300 kills in minutes.
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["tests.support.killing"])

ATTEMPT_SECONDS_MAX = 120
_EVENTS = 24
# Long enough that a compaction may remove what the one before it has replaced.
_BETWEEN_BATCHES = timedelta(hours=16)
_RECOVERY_STEPS_MAX = 8


def lines_of(batch: int) -> list[bytes]:
    """A batch's lines: events of two days, repeats of earlier batches and of itself, and rejects.

    Repeats go far back, so that they meet keys that were landed before any number of kills.
    """
    new = [_event(batch, n) for n in range(_EVENTS)]
    repeated = [_event(b, n) for b, n in _earlier(batch)]
    conflicting = [line(f"t{b}-{n}", event_type="other") for b, n in _earlier(batch)]
    rejects = [
        b"not JSON",
        b"\xff\xfe",
        line(f"r{batch}", customer_id=None),
        line(f"r{batch}", timestamp="2026-02-01"),
        line(f"r{batch}", timestamp="2025-02-01T00:00:00Z"),
    ]
    return [*new[:9], *rejects, *new[9:], new[3], *repeated, *conflicting]


def _event(batch: int, n: int) -> bytes:
    return line(
        f"t{batch}-{n}",
        customer_id=f"c{n % 5}",
        timestamp=f"2026-02-{1 + n % 2 + batch % 3:02}T{n:02}:00:00Z",
        properties={"n": f"{batch}.{n}0", "model": "é" * (n % 3)},
    )


def _earlier(batch: int) -> list[tuple[int, int]]:
    return [(b, (batch + b) % 9) for b in (batch - 1, batch // 2) if 0 <= b < batch]


@dataclass(frozen=True)
class Attempt:
    """One landing (of the batch's two files) or one compaction."""

    root: str
    is_landing: bool
    batch: int

    def work(self) -> None:
        """Lands or compacts."""
        chunk.CHUNK_LINES_MAX = 1  # every file is a chunk
        project = Project(Path(self.root))
        if self.is_landing:
            files = str(project.root / "inbox" / f"{self.batch}-*.ndjson")
            received_at = RECEIVED_AT + timedelta(hours=self.batch)
            land(project, [files], LandOptions(received_at=received_at))
        else:
            compact(project, CompactOptions(now=RECEIVED_AT + self.batch * _BETWEEN_BATCHES))


def _run(attempt: Attempt, fault: str, log: str) -> None:
    os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
    os.environ[faults.VARIABLE] = fault
    attempt.work()


@dataclass
class Campaign:
    """A project under attack.

    Args:
        folder: An empty folder.
        kills_wanted: When to stop killing.
        stride: How many steps lie between the one that is killed next and the last one; 1 kills at
            every step there is.
    """

    folder: Path
    kills_wanted: int
    stride: int = 1
    kills: int = 0
    kills_at_random: int = 0
    attempts: int = 0
    batches: int = 0
    sweeps: Counter[bool] = field(default_factory=Counter)
    _random: random.Random = field(default_factory=lambda: random.Random(20260203))
    _seconds: dict[bool, float] = field(default_factory=lambda: {True: 0.3, False: 0.3})
    _steps: Counter[bool] = field(default_factory=Counter)
    _turns: Counter[tuple[str, ...]] = field(default_factory=Counter)

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.folder / "killed"

    def run(self) -> dict[str, Any]:
        """Kills until it is enough; the figures of it."""
        began = time.monotonic()
        (self.root / "inbox").mkdir(parents=True)
        turns = 0
        while self.kills < self.kills_wanted:
            self._turn(is_landing=turns % 2 == 0, kind=turns // 2 % 4)
            turns += 1
        self._check_against_undisturbed()
        return {**self._figures(), "seconds": round(time.monotonic() - began)}

    def _turn(self, is_landing: bool, kind: int) -> None:
        """One landing or compaction, killed time and again and then not."""
        if is_landing:
            self._write_batch()
        attempt = Attempt(str(self.root), is_landing, self.batches - 1)
        points = faults.POINTS if is_landing else faults.COMPACTION_POINTS
        if kind == 0:
            killed_at = [self._next_of(points), ""]
        elif kind == 1:
            killed_at = ["all-files-moved", self._next_of(faults.RECOVERY_POINTS), ""]
        else:
            recovery_step = self._random.randint(1, _RECOVERY_STEPS_MAX)
            killed_at = [self._next_step(is_landing), f"recovery-*:{recovery_step}"]
        if not any(self._ends(attempt, fault) for fault in killed_at):
            assert self._ends(attempt, None)

    def _next_of(self, points: tuple[str, ...]) -> str:
        self._turns[points] += 1
        return points[self._turns[points] % len(points)]

    def _next_step(self, is_landing: bool) -> str:
        self._steps[is_landing] += self.stride
        return f"*:{self._steps[is_landing]}"

    def _write_batch(self) -> None:
        lines = lines_of(self.batches)
        half = len(lines) // 2
        for part, some in enumerate((lines[:half], lines[half:])):
            path = self.root / "inbox" / f"{self.batches}-{part}.ndjson"
            path.write_bytes(b"\n".join(some) + b"\n")
        self.batches += 1

    def _ends(self, attempt: Attempt, fault: str | None) -> bool:
        """Makes the attempt, killed at the fault, at a random instant if that is empty.

        Returns:
            Whether it came to its end, as it does if there is no such step or instant.
        """
        log = str(self.folder / "said.txt")
        process = _PROCESSES.Process(target=_run, args=(attempt, fault or "", log))
        began = time.monotonic()
        process.start()
        self.attempts += 1
        if fault == "":
            process.join(self._random.uniform(0, 1.2 * self._seconds[attempt.is_landing]))
            process.kill()
        process.join(ATTEMPT_SECONDS_MAX)
        assert process.exitcode in (0, -signal.SIGKILL), Path(log).read_text()
        is_killed = process.exitcode != 0
        self.kills += is_killed
        self.kills_at_random += is_killed and fault == ""
        if not is_killed:
            self._seconds[attempt.is_landing] = time.monotonic() - began
            if fault and fault.startswith("*"):
                self.sweeps[attempt.is_landing] += 1
                self._steps[attempt.is_landing] = 0
        check_batches(self.root)
        return not is_killed

    def _check_against_undisturbed(self) -> None:
        undisturbed = self.folder / "undisturbed"
        undisturbed.mkdir()
        (undisturbed / "inbox").symlink_to(self.root / "inbox")
        for batch in range(self.batches):
            Attempt(str(undisturbed), True, batch).work()
        # A turn that ended the campaign may have been cut short.
        Attempt(str(self.root), True, self.batches - 1).work()
        for manifest in check_batches(self.root):
            batch = int(Path(manifest.sources[0].path).name.partition("-")[0])
            assert manifest.counts.read == len(lines_of(batch))
        assert accepted_events(self.root) == accepted_events(undisturbed)
        assert rejected_lines(self.root) == rejected_lines(undisturbed)
        last = RECEIVED_AT + self.batches * _BETWEEN_BATCHES
        for now in (last, last + GRACE):
            compact(Project(self.root), CompactOptions(now=now))
        assert accepted_events(self.root) == accepted_events(undisturbed)
        check_nothing_superfluous(self.root, may_stand=self._replaced())

    def _replaced(self) -> frozenset[str]:
        """Merged files that are old, of which some are kept for those who still read them."""
        project = Project(self.root)
        replaced = [compaction.replaces for compaction in read_compactions(project)]
        replaced += [compaction.replaces for compaction in read_key_compactions(project)]
        return frozenset(path for paths in replaced for path in paths)

    def _figures(self) -> dict[str, Any]:
        said = (self.folder / "said.txt").read_text().splitlines()
        points = Counter(words.removeprefix("Killed at ") for words in said)
        manifests = check_batches(self.root)
        outcomes = ("read", "accepted", "duplicate", "rejected")
        return {
            "kills": self.kills,
            "kills_at_steps": self.kills - self.kills_at_random,
            "kills_at_random": self.kills_at_random,
            "kills_by_step": dict(sorted(points.items())),
            "attempts": self.attempts,
            "inputs": self.batches,
            "batches": len(manifests),
            "landings_killed_at_each_step": self.sweeps[True],
            "compactions_killed_at_each_step": self.sweeps[False],
            **{name: sum(getattr(m.counts, name) for m in manifests) for name in outcomes},
        }
