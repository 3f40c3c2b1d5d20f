"""What a sender is told of each event.

Owns the outcome and its form in an answer. The verdict is `bursar.landing.lines.judge_line`'s, with
the bounds of the batch in which the event lands, so that both agree. Duplicates are found when the
batch lands; those of events that this process took itself are known already, and told.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import md5

from bursar.landing.batch import bounds_at
from bursar.landing.deduplication import window
from bursar.landing.lines import Rejection, judge_line

REMEMBERED_MAX = 100_000


class Verdict(StrEnum):
    """What became of an event, as far as it is known when it is acknowledged."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Outcome:
    """One event's outcome.

    Args:
        verdict: Accepted, duplicate or rejected.
        transaction_id: Empty if rejected.
        reason: Why it is rejected, as in ``rejected_events.reason``.
        detail: Which field or place is at fault.
    """

    verdict: Verdict
    transaction_id: str = ""
    reason: str = ""
    detail: str = ""

    def to_json(self, index: int) -> dict[str, str | int]:
        """The outcome as the answer shows it; what is empty is left out."""
        texts = {
            "transaction_id": self.transaction_id,
            "reason": self.reason,
            "detail": self.detail,
        }
        shown = {name: text for name, text in texts.items() if text}
        return {"index": index, "outcome": self.verdict.value, **shown}


class Memory:
    """The transaction ids that were accepted last, and when: a bounded number.

    Args:
        ids_max: How many are remembered; the oldest are forgotten.
    """

    def __init__(self, ids_max: int = REMEMBERED_MAX) -> None:
        self._ids_max = ids_max
        self._received: dict[bytes, int] = {}
        self._lock = threading.Lock()

    def is_first(self, transaction_id: str, received_at: int) -> bool:
        """Whether the id was not seen within the window of duplicates; remembers it."""
        key = md5(transaction_id.encode(), usedforsecurity=False).digest()
        with self._lock:
            known = self._received.get(key)
            if known is not None and known >= window(received_at)[0]:
                return False
            self._received.pop(key, None)
            self._received[key] = received_at
            if len(self._received) > self._ids_max:
                del self._received[next(iter(self._received))]
        return True


def outcomes(lines: Sequence[bytes], received_at: int, memory: Memory) -> list[Outcome]:
    """The outcomes of lines that are durable, received at that instant."""
    bounds = bounds_at(received_at, is_backfill=False)
    found = []
    for line in lines:
        judged = judge_line(line, bounds)
        if isinstance(judged, Rejection):
            found.append(
                Outcome(Verdict.REJECTED, reason=judged.reason.value, detail=judged.detail)
            )
        elif memory.is_first(judged.transaction_id, received_at):
            found.append(Outcome(Verdict.ACCEPTED, judged.transaction_id))
        else:
            found.append(Outcome(Verdict.DUPLICATE, judged.transaction_id))
    return found
