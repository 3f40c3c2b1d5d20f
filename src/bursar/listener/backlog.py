"""What a listener has acknowledged and not landed yet, for people who ask.

Owns the figures of the spool. It takes no lock and changes nothing, so that it can be asked while
a listener runs, and when none does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bursar.landing.instants import instant_to_datetime
from bursar.listener.lander import has_landed
from bursar.listener.spool import spool_folder, waiting
from bursar.project import Project
from bursar.words import age


@dataclass(frozen=True)
class Backlog:
    """Events that wait in the spool.

    Args:
        events: How many.
        oldest_at: When the oldest batch of them was received, naive in UTC; none if nothing waits.
    """

    events: int
    oldest_at: datetime | None

    def in_words(self, now: datetime) -> str:
        """How many wait, and for how long, as a sentence without its full stop."""
        if self.oldest_at is None:
            return "nothing waits to be landed"
        seconds = max(0, int((now - self.oldest_at).total_seconds()))
        verb = "event waits" if self.events == 1 else "events wait"
        return f"{self.events:,} {verb} to be landed, the oldest for {age(seconds)}"


def backlog(project: Project) -> Backlog:
    """What waits now; a segment that has landed and was not removed yet does not."""
    found = [
        segment
        for segment in waiting(spool_folder(project))
        if segment.events and not has_landed(project, segment)
    ]
    oldest = instant_to_datetime(found[0].received_at) if found else None
    return Backlog(sum(segment.events for segment in found), oldest)
