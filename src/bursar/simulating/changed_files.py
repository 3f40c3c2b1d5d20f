"""Which files of the catalog and the metrics differ between two sides, and by how many lines.

Owns the comparison of the two folders as text; what the lines mean shows in the bills.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from bursar.project import Project

_ENDINGS = (".csv", ".sql", ".yml", ".yaml")


@dataclass(frozen=True)
class ChangedFile:
    """A file that differs.

    Args:
        path: Relative to the project.
        change: `changed`, `added` or `removed`.
        lines_added: Lines that only the later one has, wherever they are.
        lines_removed: Lines that only the earlier one has.
    """

    path: str
    change: str
    lines_added: int
    lines_removed: int


def changed_files(before: Project, after: Project) -> tuple[ChangedFile, ...]:
    """The files of seeds/ and metrics/ that differ, in order of path."""
    earlier, later = _files(before), _files(after)
    found = []
    for path in sorted(earlier.keys() | later.keys()):
        old, new = _lines(earlier.get(path)), _lines(later.get(path))
        if old == new:
            continue
        change = "changed" if path in earlier and path in later else "added"
        change = "removed" if path not in later else change
        added, removed = (
            (new or Counter()) - (old or Counter()),
            (old or Counter()) - (new or Counter()),
        )
        found.append(ChangedFile(path, change, added.total(), removed.total()))
    return tuple(found)


def _files(project: Project) -> dict[str, Path]:
    return {
        project.relative(path): path
        for folder in (project.seeds, project.metrics)
        for path in folder.rglob("*")
        # What begins so is generated for dbt and editors.
        if path.is_file() and path.suffix in _ENDINGS and not path.name.startswith("_")
    }


def _lines(path: Path | None) -> Counter[bytes] | None:
    return None if path is None else Counter(path.read_bytes().splitlines())
