"""How names are put into a sentence.

Owns the nearest name, the list of names and the age of a thing, for every message that has to say
them.
"""

from __future__ import annotations

import bisect
import difflib
from collections.abc import Iterable
from functools import lru_cache

# Comparing is slow: of many names, only those next to the wanted one in order are looked at.
_COMPARED_MAX = 400


def nearest_name(name: str, names: Iterable[str]) -> str:
    """The name that a person most likely meant; empty if none is near.

    Args:
        name: What they wrote.
        names: What there is; a frozenset, if it is long and asked often.
    """
    wanted = name.strip().lower()
    spelled, folded = _folded(names if isinstance(names, frozenset) else frozenset(names))
    if len(folded) > _COMPARED_MAX:
        place = bisect.bisect_left(folded, wanted)
        half = _COMPARED_MAX // 2
        folded = folded[max(0, place - half) : place + half]
    found = difflib.get_close_matches(wanted, folded, n=1, cutoff=0.6)
    if not found and len(wanted) > 2:
        longer = [key for key in folded if wanted in key]
        found = longer if len(longer) == 1 else []
    return spelled[found[0]] if found else ""


@lru_cache(maxsize=32)
def _folded(names: frozenset[str]) -> tuple[dict[str, str], list[str]]:
    spelled = {name.lower(): name for name in sorted(names, reverse=True)}
    return spelled, sorted(spelled)


def nearest(name: str, names: Iterable[str]) -> str:
    """A sentence with the nearest name, after a blank; empty if none is near."""
    found = nearest_name(name, names)
    return f" Nearest: {found}." if found else ""


def listed(names: Iterable[str], limit: int = 8) -> str:
    """Names as a person lists them, in the order given: `limit` of them, and how many more."""
    ordered = list(names)
    shown = ", ".join(ordered[:limit])
    return shown if len(ordered) <= limit else f"{shown} and {len(ordered) - limit} more"


def age(seconds: int) -> str:
    """How long something has lasted, in the largest unit of which it is at least two."""
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}s"
    return f"{seconds} second{'' if seconds == 1 else 's'}"
