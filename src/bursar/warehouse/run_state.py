"""What one build is of: its instant, its inputs' fingerprints and its event counts.

Owns `warehouse/run.json`, which the model stg_run reads, so that no model asks the clock and no
changing variable makes dbt parse everything anew. It leaves the hashing to
`bursar.warehouse.fingerprints`, and the list of landed files to `bursar.warehouse.landed_files`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

from bursar.errors import BursarError, ExitCode
from bursar.landing.compactions import Compaction
from bursar.landing.instants import NotAnInstant, instant_to_datetime, parse_instant
from bursar.landing.manifests import Manifest
from bursar.project import Project
from bursar.warehouse import fingerprints, landed_files
from bursar.warehouse.fingerprints import Fingerprints

RUN_FILE = "run.json"
# A relative path: its value is part of dbt's parse cache, and must not change when a project moves.
RUN_STATE_VARIABLE = "BURSAR_RUN_STATE"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class RunState:
    """The one row of stg_run.

    Args:
        as_of: The instant the bills are computed for, in UTC.
        built_at: When the build began, in UTC.
        fingerprints: What it is built from.
        events_read: Lines read by the batches received by `as_of`; the next three add up to it.
        events_accepted: Lines accepted as events.
        events_duplicate: Lines that repeat an accepted event.
        events_rejected: Lines refused.
        compactions: Those of its moment.
        batches: The batches received by `as_of`, of its moment: what lands later is the next
            build's.
    """

    as_of: datetime
    built_at: datetime
    fingerprints: Fingerprints
    events_read: int
    events_accepted: int
    events_duplicate: int
    events_rejected: int
    compactions: tuple[Compaction, ...] = field(repr=False)
    batches: tuple[Manifest, ...] = field(repr=False)


def observe(
    project: Project, as_of: datetime | None, landed: landed_files.Landed | None = None
) -> RunState:
    """The state of a build that begins now; `as_of` is now unless given, and without a zone UTC.

    Args:
        project: Whose.
        as_of: Its instant.
        landed: What it may see, if that was looked at before.
    """
    built_at = datetime.now(UTC)
    as_of = as_of or built_at
    as_of = (as_of if as_of.tzinfo else as_of.replace(tzinfo=UTC)).astimezone(UTC)
    landed = landed or landed_files.observe(project)
    seen = fingerprints.received_by(landed.manifests, as_of)
    return RunState(
        as_of=as_of,
        built_at=built_at,
        fingerprints=fingerprints.take(project, seen),
        events_read=_total(seen, "read"),
        events_accepted=_total(seen, "accepted"),
        events_duplicate=_total(seen, "duplicate"),
        events_rejected=_total(seen, "rejected"),
        compactions=landed.compactions,
        batches=tuple(seen),
    )


def write(project: Project, state: RunState) -> None:
    """Writes the state where stg_run reads it, and the landed files where macros do."""
    landed_files.write(project, state.compactions, state.batches)
    digests = asdict(state.fingerprints)
    content = {
        **{f"{name}_fingerprint": digest for name, digest in digests.items()},
        "as_of": as_text(state.as_of),
        "built_at": as_text(state.built_at),
        "events_read": state.events_read,
        "events_accepted": state.events_accepted,
        "events_duplicate": state.events_duplicate,
        "events_rejected": state.events_rejected,
    }
    path = project.warehouse / RUN_FILE
    aside = path.with_suffix(".tmp")
    aside.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    aside.replace(path)


def as_text(instant: datetime) -> str:
    """An instant as RFC 3339 in UTC, with microseconds only where there are any."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def parse_as_of(text: str) -> datetime:
    """An instant that a person typed: RFC 3339, or a date, which is its midnight in UTC.

    Raises:
        BursarError: It is neither; exit code 2.
    """
    midnight = "T00:00:00Z" if _DATE.fullmatch(text) else ""
    try:
        return instant_to_datetime(parse_instant(text + midnight)).replace(tzinfo=UTC)
    except NotAnInstant as error:
        raise BursarError(
            f"{text!r} is no instant: {error}.",
            remedy="Write one like 2026-02-01T00:00:00Z, or a date.",
            exit_code=ExitCode.BAD_USAGE,
        ) from error


def _total(manifests: Sequence[Manifest], outcome: str) -> int:
    return sum(int(getattr(manifest.counts, outcome)) for manifest in manifests)
