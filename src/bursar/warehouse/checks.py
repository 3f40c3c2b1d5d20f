"""One question about a project, and its answer.

Owns that form alone. It leaves the questions to `bursar.warehouse.health` and
`bursar.warehouse.operations`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
