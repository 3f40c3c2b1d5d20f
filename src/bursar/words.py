"""How names are put into a sentence.

Owns the nearest name and the list of names, for every message that has to say them.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

# Comparing is slow: among more names than this, only those that begin alike are looked at.
_COMPARED_MAX = 2000


def nearest_name(name: str, names: Iterable[str]) -> str:
    """The name that a person most likely meant; empty if none is near."""
    folded = {candidate.lower(): candidate for candidate in sorted(names, reverse=True)}
    wanted = name.strip().lower()
    if len(folded) > _COMPARED_MAX:
        folded = {key: value for key, value in folded.items() if key[:2] == wanted[:2]}
    found = difflib.get_close_matches(wanted, folded, n=1, cutoff=0.6)
    if not found and len(wanted) > 2:
        longer = [key for key in folded if wanted in key]
        found = longer if len(longer) == 1 else []
    return folded[found[0]] if found else ""


def nearest(name: str, names: Iterable[str]) -> str:
    """A sentence with the nearest name, after a blank; empty if none is near."""
    found = nearest_name(name, names)
    return f" Nearest: {found}." if found else ""


def listed(names: Iterable[str], limit: int = 8) -> str:
    """Names as a person lists them, in the order given: `limit` of them, and how many more."""
    ordered = list(names)
    shown = ", ".join(ordered[:limit])
    return shown if len(ordered) <= limit else f"{shown} and {len(ordered) - limit} more"
