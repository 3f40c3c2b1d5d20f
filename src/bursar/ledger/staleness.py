"""Whether the published warehouse was built from today's inputs.

Owns the comparison and its words. It leaves what counts as an input to
`bursar.warehouse.fingerprints`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import UTC, datetime

from bursar.errors import BursarError
from bursar.project import Project
from bursar.warehouse import database, fingerprints, landed_files

_CHANGED = {
    "events": "events have landed, or batches are gone",
    "catalog": "the catalog (seeds/) has changed",
    "metrics": "the metrics have changed",
    "ledger": "the ledger has changed",
    "code": "Bursar or the project's own models have changed",
}


def check_built_from_todays_inputs(
    project: Project, *, is_later_news: bool = True, without: Collection[str] = ()
) -> None:
    """Refuses a published warehouse that was not.

    Args:
        project: Whose.
        is_later_news: Whether events that were received after the build are a change, too.
        without: The ids of ledger batches that are no change.

    Raises:
        BursarError: An input has changed since it was built (1), or there is none (3).
    """
    with database.published(project) as connection:
        names = ", ".join(f"{name}_fingerprint" for name in _CHANGED)
        [built] = connection.execute(
            f"select as_of, built_at, {names} from billing.build_info"
        ).fetchall()
    as_of: datetime = built[0]
    built_at: datetime | None = built[1]
    digests: tuple[str, ...] = built[2:]
    manifests = landed_files.observe(project).manifests
    seen = fingerprints.received_by(manifests, as_of.replace(tzinfo=UTC))
    today = asdict(fingerprints.take(project, seen, without=without))
    changed = [
        name for name, digest in zip(_CHANGED, digests, strict=True) if today[name] != digest
    ]
    # A build as of the past leaves out what came later; what came after the build is news.
    if (
        "events" not in changed
        and is_later_news
        and built_at is not None
        and any(manifest.received_instant > built_at for manifest in manifests)
    ):
        changed.insert(0, "events")
    if changed:
        raise BursarError(
            "The published warehouse is not of today's inputs: "
            + "; ".join(_CHANGED[name] for name in changed)
            + ". Nothing was finalized.",
            remedy="Build again, then finalize: `bursar build`. Should the build have failed,"
            " mend what it names first.",
        )
