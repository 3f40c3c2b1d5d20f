"""The files that the demo lands: which event arrives when, as one NDJSON file a batch.

Owns the batches and how an event is written. It leaves landing them to `bursar.landing`.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from random import Random

from bursar.demo import SEED
from bursar.demo.mishaps import bad_lines, rfc3339, with_mishaps
from bursar.demo.usage import Event, usage

_CENTRAL_EUROPE = timezone(timedelta(hours=1))


@dataclass(frozen=True)
class Batch:
    """One file of events.

    Args:
        file_name: With its suffix; `.gz` is compressed.
        received_at: The instant that its events are received.
        is_backfill: Whether it brings history of any age.
        lines: NDJSON, in order of arrival.
    """

    file_name: str
    received_at: datetime
    is_backfill: bool
    lines: tuple[str, ...]


def _at(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


# Fathom moved to Bursar on 8 October: September and the first week come as one backfill, the rest
# weekly.
_ARRIVALS = (
    ("2026-10-08-history.ndjson.gz", _at(10, 8), True),
    ("2026-10-15.ndjson.gz", _at(10, 15), False),
    ("2026-10-22.ndjson.gz", _at(10, 22), False),
    ("2026-10-29.ndjson.gz", _at(10, 29), False),
    ("2026-11-04.ndjson", _at(11, 4, 23), False),
)


def make_batches() -> list[Batch]:
    """All batches of the demo, always the same; events that arrive after the last are not there."""
    random = Random(SEED)  # noqa: S311 - a repeatable company, not a secret
    waiting = sorted(
        with_mishaps(random, usage(random)), key=lambda event: (event.sent_at, event.transaction_id)
    )
    batches = []
    taken = 0
    for file_name, received_at, is_backfill in _ARRIVALS:
        arrived = taken
        while arrived < len(waiting) and waiting[arrived].sent_at < received_at:
            arrived += 1
        lines = [event_line(event) for event in waiting[taken:arrived]]
        for bad in bad_lines(random, received_at, is_backfill=is_backfill):
            lines.insert(random.randrange(len(lines) + 1), bad)
        batches.append(Batch(file_name, received_at, is_backfill, tuple(lines)))
        taken = arrived
    return batches


def event_line(event: Event) -> str:
    """An event as its sender writes it; the European gateways write their own offset."""
    at = event.happened_at
    is_local = event.properties.get("region") == "eu" and at.minute % 2 == 0
    fields = {
        "transaction_id": event.transaction_id,
        "customer_id": event.customer_id,
        "event_type": event.event_type,
        "timestamp": rfc3339(at.astimezone(_CENTRAL_EUROPE)).replace("Z", "+01:00")
        if is_local
        else rfc3339(at),
        "properties": event.properties,
    }
    return json.dumps(fields, separators=(",", ":"))


def write_batches(folder: Path) -> list[tuple[Path, Batch]]:
    """Writes every batch's file into a folder that git ignores, and says which is where."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    written = []
    for batch in make_batches():
        path = folder / batch.file_name
        text = ("\n".join(batch.lines) + "\n").encode()
        # Without a time in its header, a compressed file is the same every time.
        path.write_bytes(gzip.compress(text, 5, mtime=0) if path.suffix == ".gz" else text)
        written.append((path, batch))
    return written
