"""What state a project is in, and what to do next.

Owns the questions that `bursar doctor` asks of the installation and of what people and listeners
bring. It changes nothing: it compiles without writing and takes no lock for longer than a look. It
leaves the questions of builds, versions and the ledger to `bursar.warehouse.operations`.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version

import bursar
from bursar.catalog.project import check_project
from bursar.errors import BursarError, Diagnostic, Severity
from bursar.landing.integrity import damaged_files
from bursar.landing.manifests import read_manifests
from bursar.landing.scanner.binding import loaded_library
from bursar.listener.backlog import backlog
from bursar.listener.spool import spool_folder
from bursar.metrics.project import compile_project
from bursar.project import Project
from bursar.warehouse import lock, operations
from bursar.warehouse.checks import Check, State
from bursar.words import listed

# Longer than a listener usually collects a batch.
SPOOLED_MAX = timedelta(hours=1)
PACKAGES = ("duckdb", "dbt-core", "dbt-duckdb", "sqlglot")


def examine(project: Project) -> list[Check]:
    """Every check, in the order in which a person would mend what they find."""
    checks = [_versions(), _scanner(), Check("project", State.FINE, str(project.root))]
    for look in (
        _landing,
        _landed_files,
        _spool,
        _metrics,
        _catalog,
        *operations.QUESTIONS,
    ):
        checks += _safely(look, project)
    return checks


def _safely(look: Callable[[Project], list[Check]], project: Project) -> list[Check]:
    """A check that cannot be made is a finding too, and must not hide the others."""
    try:
        return look(project)
    except BursarError as error:
        return [Check(look.__name__.strip("_"), State.WRONG, error.message, error.remedy)]


def _versions() -> Check:
    found = [f"bursar {bursar.__version__}", f"python {platform.python_version()}"]
    state = State.FINE
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} missing")
            state = State.WRONG
    next_step = "" if state is State.FINE else "pip install --force-reinstall bursar"
    return Check("versions", state, ", ".join(found), next_step)


def _scanner() -> Check:
    if loaded_library() is not None:
        return Check("scanner", State.FINE, "landing reads common lines in C")
    return Check(
        "scanner",
        State.NEWS,
        "not built: landing reads every line in Python, some ten times slower",
        "install a C compiler, then pip install --force-reinstall --no-binary bursar bursar",
    )


def _landing(project: Project) -> list[Check]:
    batches = read_manifests(project)
    if not batches:
        next_step = "bursar events land PATH"
        return [Check("landing", State.NEWS, "nothing has landed yet", next_step)]
    last = batches[-1]
    counts = last.counts
    detail = (
        f"{len(batches):,} batches; the last, {last.batch_id},"
        f" read {counts.read:,} = {counts.accepted:,} accepted"
        f" + {counts.duplicate:,} duplicate + {counts.rejected:,} rejected"
    )
    return [Check("landing", State.FINE, detail)]


def _landed_files(project: Project) -> list[Check]:
    damages = damaged_files(project)
    if damages:
        detail = listed([f"{damage.path}: {damage.problem}" for damage in damages])
        next_step = "Restore them from your backup of landing/."
        return [Check("landed files", State.WRONG, detail, next_step)]
    return [Check("landed files", State.FINE, "whole")]


def _spool(project: Project) -> list[Check]:
    """What a listener has acknowledged and not landed; none if there never was a listener."""
    folder = spool_folder(project)
    if not folder.is_dir():
        return []
    found = backlog(project)
    now = datetime.now(UTC).replace(tzinfo=None)
    detail = found.in_words(now)
    if found.oldest_at is None:
        return [Check("spool", State.FINE, detail)]
    if not lock.is_held(folder / operations.LANDING_LOCK):
        next_step = "bursar events listen"
        return [Check("spool", State.NEWS, f"{detail}, and no listener runs", next_step)]
    if now - found.oldest_at > SPOOLED_MAX:
        next_step = "See what the listener says: it tells why landing waits."
        return [Check("spool", State.NEWS, detail, next_step)]
    return [Check("spool", State.FINE, f"{detail}; a listener runs")]


def _metrics(project: Project) -> list[Check]:
    compiled = compile_project(project, write=False)
    errors = _errors(compiled.diagnostics)
    if errors:
        detail = f"{errors} wrong in {project.relative(project.metrics)}/"
        return [Check("metrics", State.WRONG, detail, "bursar metric check")]
    if compiled.changed:
        detail = f"models/metrics/ is not what metrics/ compiles to: {', '.join(compiled.changed)}"
        return [Check("metrics", State.NEWS, detail, "bursar metric compile")]
    return [Check("metrics", State.FINE, f"{len(compiled.definitions)} metrics, compiled")]


def _catalog(project: Project) -> list[Check]:
    errors = _errors(check_project(project))
    if errors:
        detail = f"{errors} wrong in {project.relative(project.seeds)}/"
        return [Check("catalog", State.WRONG, detail, "bursar catalog check")]
    return [Check("catalog", State.FINE, "no problems")]


def _errors(diagnostics: tuple[Diagnostic, ...] | list[Diagnostic]) -> int:
    return sum(diagnostic.severity is Severity.ERROR for diagnostic in diagnostics)
