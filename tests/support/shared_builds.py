"""Lets many scenarios share one build: a build takes as long for twenty small bills as for one.

Owns which scenarios may share, and telling their ids apart: every id that a scenario states gets
the scenario's mark before it, in the catalog (by the relations' own descriptions) and in events,
and every metric a name made of its content. A common mark leaves all orders by id as they were. It
leaves the build, and comparing, to ``tests.support.scenarios``.
"""

from __future__ import annotations

import csv
import hashlib
import re
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from bursar.catalog.relations import RELATIONS
from bursar.catalog.schema import CURRENCIES, METRICS, Column, Kind
from bursar.errors import BursarError
from tests.support.scenarios import differences, mart_of, run_scenario

GROUP_MAX = 18
# Findings about events: not every row of them names something that a scenario has marked.
_NOT_SHARED = ("rejected_events", "duplicate_events", "unmatched_events", "unmetered_events")
_EVENT_IDS = re.compile(r'("(?:customer_id|transaction_id)"\s*:\s*")')
_SAME_FOR_ALL = ("as_of.txt", "received_at.txt", "vars.yml")


@dataclass(frozen=True)
class Share:
    """A scenario within a build that it shares."""

    folder: Path
    mark: str


class SharedBuilds:
    """The bills of scenarios, built a group at a time, when the first of the group is asked for.

    Args:
        root: Where the project may be made, again and again.
        groups: The scenarios of each build.
    """

    def __init__(self, root: Path, groups: Iterable[Sequence[Path]]) -> None:
        """Builds nothing yet."""
        self._root = root
        self._group_of = {folder: group for group in groups for folder in group}
        self._found: dict[Path, list[str] | None] = {}

    def differences(self, folder: Path) -> list[str]:
        """What the scenario's bill has otherwise than expected.

        Raises:
            BursarError: The scenario's build was refused, and that of it alone, too.
        """
        if folder not in self._found:
            self._found |= self._together(self._group_of[folder])
        found = self._found[folder]
        return differences(folder, run_scenario(folder, self._root)) if found is None else found

    def _together(self, group: Sequence[Path]) -> Mapping[Path, list[str] | None]:
        alone = dict.fromkeys(group)
        if len(group) == 1:
            return alone
        merged = self._root.parent / "merged"
        shutil.rmtree(merged, ignore_errors=True)
        shares = merge(group, merged)
        try:
            project = run_scenario(merged, self._root)
        except BursarError:
            return alone
        return {s.folder: differences(s.folder, project, s.mark) for s in shares}


def grouped(folders: Iterable[Path]) -> list[object]:
    """The folders as parameters of a test, each marked with the group whose build it may share.

    Those of a group follow one another, and one worker runs them.
    """
    alike: dict[tuple[str, ...], list[Path]] = {}
    for folder in folders:
        alike.setdefault(_kind(folder), []).append(folder)
    return [
        pytest.param(
            folder, id=folder.name, marks=pytest.mark.xdist_group(f"shares-{group[0].name}")
        )
        for together in alike.values()
        for group in _chunks(together)
        for folder in group
    ]


def merge(folders: Sequence[Path], target: Path) -> list[Share]:
    """Writes one scenario folder, without expectations, that holds them all."""
    shares = [Share(folder, f"{number:02d}~") for number, folder in enumerate(folders)]
    for name in ("seeds", "metrics"):
        (target / name).mkdir(parents=True)
    for name in _SAME_FOR_ALL:
        if (folders[0] / name).exists():
            shutil.copy(folders[0] / name, target / name)
    _merge_seeds(shares, target / "seeds")
    for share in shares:
        for path, name in _metric_names(share.folder).items():
            shutil.copy(path, target / "metrics" / (name + path.suffix))
    with (target / "events.ndjson").open("w", encoding="utf-8", newline="\n") as file:
        for share in shares:
            for line in (share.folder / "events.ndjson").read_text(encoding="utf-8").split("\n"):
                if line.strip():
                    file.write(_EVENT_IDS.sub(rf"\g<1>{share.mark}", line) + "\n")
    return shares


def _kind(folder: Path) -> tuple[str, ...]:
    """What scenarios of one build have in common; one that must be alone, its own name, too."""
    texts = [(folder / n).read_text() if (folder / n).exists() else "" for n in _SAME_FOR_ALL]
    marts = {mart_of(path) for path in folder.glob("expected_*.csv")}
    return (*texts, folder.name if marts & set(_NOT_SHARED) else "")


def _chunks(folders: list[Path]) -> list[list[Path]]:
    count = -(-len(folders) // GROUP_MAX)
    return [folders[part::count] for part in range(count)]


def _metric_names(folder: Path) -> Mapping[Path, str]:
    """Each metric's name in a shared build: equal metrics are one, unequal ones of a name two."""
    return {
        path: f"{path.stem}_{hashlib.sha256(path.read_bytes()).hexdigest()[:8]}"
        for path in sorted((folder / "metrics").iterdir())
    }


def _merge_seeds(shares: Sequence[Share], target: Path) -> None:
    for relation in RELATIONS:
        rows = []
        for share in shares:
            metrics = {path.stem: name for path, name in _metric_names(share.folder).items()}
            units = {row["pricing_unit"] for row in _rows(share.folder, "pricing_units")}
            rows += [
                [_marked(c, row[c.name], share.mark, metrics, units) for c in relation.columns]
                for row in _rows(share.folder, relation.name)
            ]
        with (target / f"{relation.name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(relation.column_names)
            writer.writerows(rows)


def _rows(folder: Path, relation: str) -> list[dict[str, str]]:
    path = folder / "seeds" / f"{relation}.csv"
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _marked(
    column: Column, text: str, mark: str, metrics: Mapping[str, str], units: Collection[str]
) -> str:
    if not text or not _names_something(column):
        return text
    if METRICS in column.references:
        return metrics.get(text, text)
    if CURRENCIES in column.references and text not in units:
        return text
    if column.kind is Kind.LIST:
        return "|".join(mark + item for item in text.split("|"))
    return mark + text


def _names_something(column: Column) -> bool:
    """Ids, lists of ids, and tags: commits count the products that carry theirs."""
    is_tags = column.kind is Kind.LIST and column.name.endswith("tags")
    return column.kind is Kind.ID or bool(column.references) or is_tags
