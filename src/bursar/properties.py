"""What a property is called as a column of the landed event files.

Owns the name alone, so that landing (which writes the columns) and the compiler (which reads them)
agree. Which properties become columns is decided by the metrics; how they are written, by
``bursar.landing``.
"""

from __future__ import annotations

import hashlib
import re

_SLUG_CHARACTERS_MAX = 40
_PLAIN_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")
_LOOKS_HASHED = re.compile(r".*_[0-9a-f]{8}")
_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9_]")


def property_column(key: str) -> str:
    """The column that holds a property's text: ``p_model`` for ``model``.

    Different keys have different columns even where the engine ignores case: a key that is not
    plain lower case (or that looks like a name made here) carries a hash of itself.

    Args:
        key: The property's key as sent, 1 to 128 characters.
    """
    if _PLAIN_KEY.fullmatch(key) and not _LOOKS_HASHED.fullmatch(key):
        return f"p_{key}"
    slug = _NOT_IN_A_SLUG.sub("_", key.lower())[:_SLUG_CHARACTERS_MAX]
    digest = hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()
    return f"p_{slug}_{digest[:8]}"
