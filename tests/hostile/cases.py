"""Hostile and foolish metrics, from the tables in this folder.

A table is a sentence, and then the metrics, each under a line `--- name: codes`. The codes are
those that it is refused with; `accepted` says that it is harmless, and must run within bounds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ACCEPTED = "accepted"
FOLDER = Path(__file__).parent
_HEAD = re.compile(r"^--- (\w+)(?: \((yml)\))?: (.+)\n", re.MULTILINE)
# In this table a backslash escapes as in Python, so that what cannot be seen can be read.
_ESCAPED = "odd"
_DECLARED = "declared"


@dataclass(frozen=True)
class Case:
    """A metric and what becomes of it."""

    name: str
    suffix: str
    codes: str
    text: str

    @property
    def is_accepted(self) -> bool:
        return self.codes == ACCEPTED


def written() -> list[Case]:
    """Every metric of every table."""
    return [case for path in sorted(FOLDER.glob("*.txt")) for case in _table(path)]


def _table(path: Path) -> list[Case]:
    _, *parts = _HEAD.split(path.read_text(encoding="utf-8"))
    heads = zip(parts[::4], parts[1::4], parts[2::4], parts[3::4], strict=True)
    is_declared = path.stem == _DECLARED
    return [
        Case(
            f"{path.stem}_{name}",
            "yml" if is_declared or marked else "sql",
            codes,
            _text(text.removesuffix("\n").removesuffix("\n"), is_escaped=path.stem == _ESCAPED),
        )
        for name, marked, codes, text in heads
    ]


def _text(text: str, *, is_escaped: bool) -> str:
    return text.encode().decode("unicode_escape") if is_escaped else text
