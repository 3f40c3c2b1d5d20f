"""Who works on a project just now, what is published, and what waits to be done.

Owns the questions of whoever is on call: locks and who died holding one, the last build, the
versions that readers have, what they lack, the ledger. It leaves how the answers look to
`bursar.cli`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from bursar.landing.manifests import read_manifests
from bursar.ledger.chain import read_chain
from bursar.project import Project
from bursar.warehouse import database, fingerprints, lock, publish
from bursar.warehouse.checks import Check, State
from bursar.warehouse.fingerprints import Fingerprints
from bursar.warehouse.run_state import RUN_FILE, as_text
from bursar.words import age, listed

LANDING_LOCK = ".lock"
_LOCKS = {"run": lock.RUN_LOCK_FILE, "warehouse": lock.LOCK_FILE}
_BYTES_PER_MEGABYTE = 1e6
_HAS_INVOICES = """
select 1 from duckdb_tables() where schema_name = 'billing' and table_name = 'invoices'
"""
_DUE = """
select count(*)
from billing.invoices
where status = 'draft' and issued_at <= (select as_of from billing.build_info)
"""


def _locks(project: Project) -> list[Check]:
    """Who holds which lock, and since when; and who was killed while holding one."""
    held = []
    landing_lock = project.landing / LANDING_LOCK
    if lock.is_held(landing_lock):
        held.append(f"landing by {landing_lock.read_text(encoding='utf-8')}")
    holders = {name: lock.holder(project, file) for name, file in _LOCKS.items()}
    held += [f"{name} by {who} ({_ago(who.since)})" for name, who in holders.items() if who]
    if held:
        return [Check("locks", State.NEWS, "; ".join(held), "Wait until it is done.")]
    killed = {str(who) for file in _LOCKS.values() if (who := lock.last_killed(project, file))}
    if killed:
        detail = f"free; killed while holding one: {'; '.join(sorted(killed))}"
        next_step = "Run it again: it goes on from there."
        return [Check("locks", State.NEWS, detail, next_step)]
    return [Check("locks", State.FINE, "free")]


def _last_build(project: Project) -> list[Check]:
    """Whether the build that began last is the one that is published; none if there was none."""
    path = project.warehouse / RUN_FILE
    if not path.exists() or lock.holder(project):
        return []
    begun = json.loads(path.read_text(encoding="utf-8"))
    if project.published_database.exists():
        published: datetime = _build_info(project)["built_at"]
        if datetime.fromisoformat(begun["built_at"]) <= published.replace(tzinfo=UTC):
            return [Check("last build", State.FINE, "published")]
    detail = (
        f"begun {begun['built_at']} ({_ago(begun['built_at'])}), as of {begun['as_of']}, and not"
        " published: it failed or was killed"
    )
    return [Check("last build", State.WRONG, detail, "bursar build")]


def _published(project: Project) -> list[Check]:
    link = project.published_database
    if not link.exists():
        detail = "nothing has been published yet"
        if link.is_symlink():
            detail = f"{link.name} leads to {link.readlink()}, which is gone"
        return [Check("published", State.NEWS, detail, "bursar build")]
    row = _build_info(project)
    size_mb = link.stat().st_size / _BYTES_PER_MEGABYTE
    built_at = _instant(row["built_at"])
    detail = (
        f"{link.resolve().name}, {size_mb:,.1f} MB, as of {_instant(row['as_of'])},"
        f" built {built_at} ({_ago(built_at)})"
    )
    return [Check("published", State.FINE, detail), _versions(project)]


def _versions(project: Project) -> Check:
    """The versions that are kept, for readers who have them open and for comparing."""
    kept = publish.versions(project)
    size_mb = sum(path.stat().st_size for path in kept.values()) / _BYTES_PER_MEGABYTE
    names = listed([str(number) for number in sorted(kept, reverse=True)])
    detail = f"{len(kept)} of at most {publish.VERSIONS_KEPT} kept ({names}), {size_mb:,.1f} MB"
    left = sorted(path.name for path in project.warehouse.glob("*.tmp"))
    if left and not lock.holder(project):
        detail += f"; a killed build left {listed(left)}"
        return Check("versions kept", State.NEWS, detail, "bursar build")
    return Check("versions kept", State.FINE, detail)


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
        later = [batch for batch in seen if batch.received_instant > row["as_of"]]
        accepted = sum(batch.counts.accepted for batch in later)
        detail = f"changed since the last build: {', '.join(changed)}"
        if later:
            batches = f"{len(later):,} batch{'es' * (len(later) != 1)}"
            detail += f"; {accepted:,} events in {batches} received after its as_of"
        return [Check("staleness", State.NEWS, detail, "bursar build")]
    return [Check("staleness", State.FINE, "built from today's inputs")]


def _due(project: Project) -> list[Check]:
    """Drafts that a finalization would make final; of a warehouse that has invoices."""
    if not project.published_database.exists():
        return []
    row = _build_info(project)
    with database.published(project) as connection:
        has_invoices = connection.execute(_HAS_INVOICES).fetchall()
        [(due,)] = connection.execute(_DUE).fetchall() if has_invoices else [(0,)]
    if not due:
        return [Check("due", State.FINE, "nothing")]
    drafts = f"{due:,} draft{'s' * (due != 1)}"
    detail = f"{drafts} as of {_instant(row['as_of'])}"
    return [Check("due", State.NEWS, detail, "bursar finalize, which says what waits for what")]


def _ledger(project: Project) -> list[Check]:
    """What is final, by the manifests alone; every byte is for `bursar ledger verify`."""
    batches, problems = read_chain(project)
    if problems:
        detail = f"{len(problems)} of its manifests or files are not what was written"
        return [Check("ledger", State.WRONG, detail, "bursar ledger verify")]
    if not batches:
        return [Check("ledger", State.FINE, "nothing is final yet")]
    invoices = {i for batch in batches if batch.kind != "void" for i in batch.invoices}
    detail = (
        f"{len(batches):,} batch{'es' * (len(batches) != 1)},"
        f" {len(invoices):,} invoice{'s' * (len(invoices) != 1)}; the last,"
        f" {batches[-1].kind} as of {batches[-1].at}, has hash {batches[-1].hash[:12]}"
    )
    return [Check("ledger", State.FINE, detail)]


# In the order in which a person would mend what they find.
QUESTIONS: tuple[Callable[[Project], list[Check]], ...] = (
    _locks,
    _ledger,
    _last_build,
    _published,
    _staleness,
    _due,
)


def _instant(value: datetime) -> str:
    return as_text(value.replace(tzinfo=UTC))


def _ago(instant: str) -> str:
    """How long ago that was; nothing where it is no instant."""
    try:
        since = datetime.fromisoformat(instant)
    except ValueError:
        return "just now"
    return f"{age(max(0, int((datetime.now(UTC) - since).total_seconds())))} ago"


def _build_info(project: Project) -> dict[str, Any]:
    with database.published(project) as connection:
        cursor = connection.execute("select * from billing.build_info")
        names = [column[0] for column in cursor.description or ()]
        return dict(zip(names, cursor.fetchall()[0], strict=True))
