"""Files of JSON that say what is true: manifests of batches and of compactions.

Owns their reading: the version, and the words for one that is damaged or from the future. It leaves
what they hold to the module of each.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from bursar.errors import BursarError

Record = TypeVar("Record")


def read_record(
    path: Path, name: str, version: int, loss: str, build: Callable[[dict[str, Any]], Record]
) -> Record:
    """Reads one record.

    Args:
        path: Its file.
        name: What it is, in words.
        version: The version of the form that `build` knows.
        loss: What is missing without it, as the end of a sentence.
        build: The record of the file's content.

    Raises:
        BursarError: It is damaged, or of a newer Bursar.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
        found = content["version"]
        if found == version:
            return build(content)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BursarError(
            f"The {name} {path} cannot be read: {type(error).__name__}: {error}.",
            remedy=f"Restore it from a backup: {loss}.",
        ) from error
    raise BursarError(
        f"The {name} {path} is of version {found}; this Bursar reads version {version}.",
        remedy="Upgrade Bursar.",
    )
