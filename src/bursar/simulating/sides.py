"""One side of a comparison: built in its own folder, or had already.

Owns the order of the steps, and when a warehouse that is there may stand for a side: when it was
computed as of the same instant from the same inputs. It leaves the layout to
`bursar.simulating.workspace`, and everything that makes a bill to the rooms that make it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from bursar.catalog.project import check_project
from bursar.catalog.source import read_source
from bursar.errors import BursarError, Diagnostic, ProblemsFound, Severity
from bursar.metrics.project import compile_project
from bursar.project import Project
from bursar.simulating.workspace import Workspace
from bursar.warehouse import database, dbt_runs, landed_files, lock, run_state
from bursar.warehouse.dbt_process import Step
from bursar.warehouse.landed_files import Landed
from bursar.warehouse.run_state import RunState

# Of the comparing commands; a build has one of its own, and neither waits for the other.
LOCK_FILE = ".what-if.lock"
_BUILT = "built.duckdb"
_UNFINISHED = ("build.duckdb", "build.duckdb.wal")
_HINT = "bursar sql --unpublished < "


@dataclass(frozen=True)
class Moment:
    """What both sides see, looked at once.

    Args:
        as_of: The instant, aware.
        landed: The events.
    """

    as_of: datetime
    landed: Landed


def moment(project: Project, as_of: datetime | None) -> Moment:
    """The instant given, else the published warehouse's, else now; and what has landed."""
    if as_of is None and project.published_database.exists():
        as_of = _built_as_of(project)
    landed = landed_files.observe(project)
    return Moment(as_of or datetime.now(UTC), landed)


@contextmanager
def alone(project: Project, command: str) -> Iterator[None]:
    """Holds the lock of the comparing commands, which share the sides' folders.

    Raises:
        BursarError: Another one is running; exit code 3.
    """
    project.warehouse.mkdir(parents=True, exist_ok=True)
    with lock.held(project.warehouse / LOCK_FILE, command, "compares bills of this project"):
        yield


def check(workspace: Workspace) -> list[Diagnostic]:
    """Compiles a side's metrics and checks its catalog, as a build does; returns the warnings.

    Raises:
        ProblemsFound: Something is; all of it is told.
    """
    project = workspace.project
    compiled = compile_project(project, write=True, unseen=Severity.WARNING)
    definitions = None if compiled.has_errors else compiled.definitions
    found = workspace.told([*compiled.diagnostics, *check_project(project, definitions)])
    if any(diagnostic.severity is Severity.ERROR for diagnostic in found):
        raise ProblemsFound(found, what=workspace.what)
    return found


def own_file(workspace: Workspace) -> Path:
    """Where the side's own warehouse is, if it was ever computed."""
    return workspace.project.warehouse / _BUILT


def computed(
    workspace: Workspace,
    seen: Moment,
    *,
    had: tuple[Path, ...] = (),
    is_checked: bool = False,
    on_step: Callable[[Step], None] | None = None,
) -> Path:
    """A warehouse of a side whose ledger is laid.

    Args:
        workspace: The side.
        seen: The instant and the events.
        had: Warehouses that may be it already; the side's own last one is looked at, too.
        is_checked: Whether `check` has found nothing wrong; else it is called before a build.
        on_step: Told of every step of dbt as it begins.

    Returns:
        The file: one of `had`, or the side's own.

    Raises:
        ProblemsFound: As `check`.
        BuildFailed: A model failed (1) or a data test found wrong rows (4).
    """
    project = workspace.project
    state = run_state.observe(project, seen.as_of, seen.landed)
    own = own_file(workspace)
    for file in (*had, own):
        if _is_of(project, file, state):
            return file.resolve()
    if not is_checked:
        check(workspace)
    for name in _UNFINISHED:
        (project.warehouse / name).unlink(missing_ok=True)
    run_state.write(project, state)
    _run_dbt(workspace, on_step)
    database.checkpoint(project)
    project.build_database.replace(own)
    return own


def _run_dbt(workspace: Workspace, on_step: Callable[[Step], None] | None) -> None:
    project = workspace.project
    try:
        # The catalog's check has looked at every row, but of relations that only dbt sees. That
        # the models keep their columns is tested when they build the published warehouse.
        is_unchecked = bool(read_source(project).unseen)
        dbt_runs.build(
            project, full_refresh=False, are_columns_tested=is_unchecked, on_step=on_step
        )
    except dbt_runs.BuildFailed as failed:
        root = project.root
        hint = f"bursar sql --unpublished --project-dir {root} < {root}/"
        told = [
            Diagnostic(**{**vars(d), "message": d.message.replace(_HINT, hint)})
            for d in workspace.told(failed.diagnostics)
        ]
        raise dbt_runs.BuildFailed(told, failed.exit_code) from failed


def _is_of(project: Project, file: Path, state: RunState) -> bool:
    """Whether a warehouse is of a state; one whose catalog nobody can hash is never known to be."""
    import duckdb

    if not file.exists() or read_source(project).unseen:
        return False
    names = [f"{name}_fingerprint" for name in asdict(state.fingerprints)]
    try:
        with database.reading(project, file) as connection:
            rows = connection.execute(
                f"select as_of, {', '.join(names)} from billing.build_info"
            ).fetchall()
    except (duckdb.Error, BursarError):
        return False
    as_of = state.as_of.astimezone(UTC).replace(tzinfo=None)
    return rows == [(as_of, *asdict(state.fingerprints).values())]


def _built_as_of(project: Project) -> datetime:
    with database.published(project) as connection:
        [(as_of,)] = connection.execute("select as_of from billing.build_info").fetchall()
    instant: datetime = as_of
    return instant.replace(tzinfo=UTC)
