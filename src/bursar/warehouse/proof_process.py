"""Runs the proofs of many metrics in a process of its own, with bounded memory and time.

Owns the child process, its bounds, and what is remembered of proofs: a metric whose text, compiled
model, compiler and engine are unchanged is not proved again. It leaves the proof of one metric to
``bursar.warehouse.proving``.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import resource
import signal
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path

import duckdb

import bursar
from bursar.errors import Diagnostic
from bursar.metrics.definition import CompiledMetric
from bursar.metrics.models import events_model
from bursar.metrics.problems import Problems, Source
from bursar.metrics.project import metric_sources
from bursar.project import Project
from bursar.warehouse.fingerprints import of_files
from bursar.warehouse.proving import Finding, prove, undecided

TIMEOUT_SECONDS = 60
START_SECONDS = 60
ADDRESS_SPACE_BYTES = 4 * 2**30
_MEMORY = Path(".bursar/proofs.json")

Job = tuple[Source, CompiledMetric]


def proof_problems(
    project: Project,
    metrics: Sequence[CompiledMetric],
    on_done: Callable[[int], None] = lambda done: None,
) -> list[Diagnostic]:
    """Proves a project's metrics and says which are refuted, or could not be proved.

    Args:
        project: Whose metrics.
        metrics: Those that compiled, or some of them.
        on_done: Told how many are done.
    """
    sources = {source.path: source for source in metric_sources(project)[0]}
    jobs = [(sources[metric.source_path], metric) for metric in metrics]
    diagnostics: list[Diagnostic] = []
    for (source, _), finding in zip(jobs, prove_all(project, jobs, on_done), strict=True):
        if finding is not None:
            problems = Problems(source)
            problems.add(finding.code, finding.message, severity=finding.severity)
            diagnostics += problems
    return diagnostics


def prove_all(
    project: Project, jobs: Sequence[Job], on_done: Callable[[int], None] = lambda done: None
) -> list[Finding | None]:
    """Proves metrics, those that have been proved already from memory.

    Args:
        project: Where proofs are remembered.
        jobs: Every metric's file and model.
        on_done: Told how many are done.

    Returns:
        One finding a job; None if it is proved.
    """
    code = _code()
    hashes = [_hash(job, code) for job in jobs]
    proved = _remembered(project)
    found: list[Finding | None] = [None] * len(jobs)
    open_jobs = [n for n, job in enumerate(jobs) if proved.get(job[0].path) != hashes[n]]
    with _Prover() as prover:
        for done, number in enumerate(open_jobs):
            on_done(len(jobs) - len(open_jobs) + done)
            found[number] = prover.prove(jobs[number])
    newly = {jobs[n][0].path: hashes[n] for n in open_jobs if found[n] is None}
    if newly:
        _remember(project, {**proved, **newly})
    return found


def is_proved(project: Project, metric: CompiledMetric) -> bool:
    """Whether a metric has been proved as it is now."""
    sources = {source.path: source for source in metric_sources(project)[0]}
    digest = _hash((sources[metric.source_path], metric), _code())
    return _remembered(project).get(metric.source_path) == digest


class _Prover:
    """The child process; another one after each that had to be stopped."""

    def __init__(self) -> None:
        self._process: SpawnProcess | None = None
        self._connection: Connection[Job, Finding | None] | None = None

    def __enter__(self) -> _Prover:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def prove(self, job: Job) -> Finding | None:
        try:
            connection = self._started()
            connection.send(job)
            if connection.poll(TIMEOUT_SECONDS):
                return connection.recv()
        except (EOFError, OSError):
            self._stop()
            return undecided("It needs more memory than a proof may use.")
        self._stop()
        return undecided(f"It ran for more than {TIMEOUT_SECONDS} seconds.")

    def _started(self) -> Connection[Job, Finding | None]:
        if self._connection is not None:
            return self._connection
        context = get_context("spawn")
        mine, childs = context.Pipe()
        self._process = context.Process(target=_run_as_child, args=(childs,), daemon=True)
        self._process.start()
        childs.close()
        self._connection = mine
        # The metric's time begins when the child is there, however busy the machine is.
        if mine.poll(START_SECONDS):
            mine.recv()
        return mine

    def _stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
        if self._connection is not None:
            self._connection.close()
        self._process = self._connection = None


def _run_as_child(connection: Connection[Finding | None, Job]) -> None:
    """The child's whole life: a job in, a finding out."""
    # What a string function asks for is outside the engine's own limit.
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))
    # An interrupt is for the parent, which then stops this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    connection.send(None)
    with contextlib.suppress(EOFError):
        while True:
            source, metric = connection.recv()
            connection.send(prove(source, metric))


def _code() -> str:
    """The compiler, the proof and the engine."""
    python = Path(bursar.__file__).parent
    files = [p for room in ("metrics", "warehouse") for p in (python / room).glob("*.py")]
    return " ".join((bursar.__version__, duckdb.__version__, of_files(python, files)))


def _hash(job: Job, code: str) -> str:
    """Of everything that a proof depends on."""
    source, metric = job
    parts = (code, source.text, metric.body, events_model([metric]))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _remembered(project: Project) -> dict[str, str]:
    try:
        content = json.loads((project.root / _MEMORY).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        # Without a memory everything is proved again.
        return {}
    return content if isinstance(content, dict) else {}


def _remember(project: Project, proved: dict[str, str]) -> None:
    """Keeps the proofs of metrics that are still there, in one step for who reads meanwhile."""
    kept = {path: digest for path, digest in proved.items() if (project.root / path).is_file()}
    path = project.root / _MEMORY
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    # A proof that cannot be remembered is still a proof.
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        aside.replace(path)
