"""What state a project is in, and what to do next.

Owns the questions that `bursar doctor` asks. It changes nothing: it compiles without writing and
takes no lock for longer than a look.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from typing import Any

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
from bursar.warehouse import database, fingerprints, lock, publish
from bursar.warehouse.fingerprints import Fingerprints
from bursar.warehouse.run_state import as_text
from bursar.words import listed

LANDING_LOCK = ".lock"
# Longer than a listener usually collects a batch.
SPOOLED_MAX = timedelta(hours=1)
PACKAGES = ("duckdb", "dbt-core", "dbt-duckdb", "sqlglot")


class State(StrEnum):
    """How a check came out."""

    FINE = "fine"
    NEWS = "news"
    WRONG = "wrong"


@dataclass(frozen=True)
class Check:
    """One question and its answer.

    Args:
        name: What was looked at.
        state: Fine; news, which a build or a landing takes in; or wrong, which a person has to
            mend.
        detail: What was found.
        next_step: What to do; empty when nothing.
    """

    name: str
    state: State
    detail: str
    next_step: str = ""


def examine(project: Project) -> list[Check]:
    """Every check, in the order in which a person would mend what they find."""
    checks = [_versions(), _scanner(), Check("project", State.FINE, str(project.root))]
    for look in (
        _landing,
        _landed_files,
        _spool,
        _metrics,
        _catalog,
        _locks,
        _published,
        _staleness,
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
    if not lock.is_held(folder / LANDING_LOCK):
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


def _locks(project: Project) -> list[Check]:
    held = []
    landing_lock = project.landing / LANDING_LOCK
    if lock.is_held(landing_lock):
        held.append(f"landing by {landing_lock.read_text(encoding='utf-8')}")
    builder = lock.holder(project)
    if builder:
        held.append(f"warehouse by {builder}")
    if held:
        return [Check("locks", State.NEWS, "; ".join(held), "Wait until it is done.")]
    return [Check("locks", State.FINE, "free")]


def _published(project: Project) -> list[Check]:
    if not project.published_database.exists():
        return [Check("published", State.NEWS, "nothing has been published yet", "bursar build")]
    row = _build_info(project)
    versions = publish.versions(project)
    size_mb = project.published_database.stat().st_size / 1e6
    detail = (
        f"{project.published_database.resolve().name}, {size_mb:,.1f} MB,"
        f" as of {_instant(row['as_of'])}, built {_instant(row['built_at'])};"
        f" {len(versions)} version{'s' * (len(versions) != 1)} kept"
    )
    return [Check("published", State.FINE, detail)]


def _staleness(project: Project) -> list[Check]:
    """Which inputs have changed since the published warehouse was built."""
    if not project.published_database.exists():
        return []
    row = _build_info(project)
    seen = fingerprints.received_by(read_manifests(project), datetime.now(UTC))
    now = fingerprints.take(project, seen)
    kinds = [kind.name for kind in fields(Fingerprints)]
    changed = [kind for kind in kinds if row[f"{kind}_fingerprint"] != getattr(now, kind)]
    if changed:
        detail = f"changed since the last build: {', '.join(changed)}"
        return [Check("staleness", State.NEWS, detail, "bursar build")]
    return [Check("staleness", State.FINE, "built from today's inputs")]


def _instant(value: datetime) -> str:
    return as_text(value.replace(tzinfo=UTC))


def _build_info(project: Project) -> dict[str, Any]:
    with database.published(project) as connection:
        cursor = connection.execute("select * from billing.build_info")
        names = [column[0] for column in cursor.description or ()]
        return dict(zip(names, cursor.fetchall()[0], strict=True))


def _errors(diagnostics: tuple[Diagnostic, ...] | list[Diagnostic]) -> int:
    return sum(diagnostic.severity is Severity.ERROR for diagnostic in diagnostics)
