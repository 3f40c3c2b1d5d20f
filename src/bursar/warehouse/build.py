"""A build: from the project's files to a published warehouse, or nothing.

Owns the order of the steps. It leaves each step to its room: compiling to `bursar.metrics`,
checking to `bursar.catalog`, computing to dbt and the models, handing over to
`bursar.warehouse.publish`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bursar import package_link
from bursar.catalog.project import check_project, write_empty_seeds
from bursar.errors import Diagnostic, ProblemsFound, Severity
from bursar.landing import failures, faults
from bursar.landing.integrity import damage_error
from bursar.metrics.project import compile_project
from bursar.project import Project
from bursar.warehouse import database, dbt_runs, lock, publish, run_state, shell, summary
from bursar.warehouse.dbt_process import Step
from bursar.warehouse.run_state import RunState
from bursar.warehouse.summary import Summary

_NOT_PUBLISHED = "The build could not be written, and nothing was published"


@dataclass(frozen=True)
class BuildReport:
    """What a build has made.

    Args:
        state: The instant it is of, its inputs' fingerprints and its event counts.
        published: The new version's file.
        summary: Invoices and findings in figures.
        warnings: What the metrics, the catalog and the tests warn of.
        seconds: How long it took.
    """

    state: RunState
    published: Path
    summary: Summary
    warnings: tuple[Diagnostic, ...]
    seconds: float


def build(
    project: Project,
    as_of: datetime | None = None,
    full_refresh: bool = False,
    on_step: Callable[[Step], None] | None = None,
) -> BuildReport:
    """Builds and publishes a project's warehouse; may be called for many projects in one process.

    Args:
        project: What to build.
        as_of: The instant to compute bills for, aware; now unless given.
        full_refresh: Whether incremental models are made from nothing.
        on_step: Told of every step of dbt as it begins.

    Raises:
        ProblemsFound: A metric or the catalog is wrong; exit code 1.
        BuildFailed: A model failed (1) or a data test found wrong rows (4).
        BursarError: A landed file is damaged, or the disk is full (1).
        BursarError: Another build is running, or the file is open elsewhere (3).
    """
    began = time.monotonic()
    with lock.exclusive(project, "bursar build"), failures.told(project.warehouse, _NOT_PUBLISHED):
        faults.reach("build-begun")
        publish.remove_leftovers(project)
        if project.build_database.exists():
            database.checkpoint(project)
        faults.reach("build-cleared")
        state = run_state.observe(project, as_of)
        warnings = _prepare(project)
        faults.reach("build-prepared")
        run_state.write(project, state)
        faults.reach("build-state-written")
        warnings += _run_dbt(project, full_refresh, on_step)
        faults.reach("build-computed")
        shell.create_shell(project, state)
        faults.reach("build-shell-made")
        published = publish.publish(project)
        figures = summary.summarize(project)
    faults.reach("build-published")
    return BuildReport(state, published, figures, warnings, time.monotonic() - began)


def _run_dbt(
    project: Project, full_refresh: bool, on_step: Callable[[Step], None] | None
) -> tuple[Diagnostic, ...]:
    """`dbt build`; when it fails over damaged files, the error names them, and not the models."""
    try:
        return dbt_runs.build(project, full_refresh=full_refresh, on_step=on_step)
    except dbt_runs.BuildFailed as failed:
        damaged = damage_error(project, "Nothing was built or published.")
        if damaged:
            raise damaged from failed
        raise


def _prepare(project: Project) -> tuple[Diagnostic, ...]:
    """Compiles the metrics, checks the catalog; all that is wrong with either is told at once."""
    package_link.ensure_package(project)
    write_empty_seeds(project.seeds)
    compiled = compile_project(project, write=True, unseen=Severity.WARNING)
    # A metric that does not compile is no unknown one to the catalog, so that it is told of once.
    definitions = None if compiled.has_errors else compiled.definitions
    found = [*compiled.diagnostics, *check_project(project, definitions)]
    if any(diagnostic.severity is Severity.ERROR for diagnostic in found):
        raise ProblemsFound(found, what="the metrics and the catalog")
    return tuple(found)
