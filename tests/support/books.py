"""Whether what landed adds up, told from the files alone.

Owns the equation of every batch against the rows that really stand in its Parquet files, and what
accepted events say, in a form that two projects can be compared by.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from bursar.landing.compactions import event_files, read_compactions, standing_files
from bursar.landing.key_compactions import read_key_compactions, standing_key_files
from bursar.landing.manifests import Manifest, read_manifests
from bursar.project import Project

Row = tuple[Any, ...]


def check_batches(root: Path) -> list[Manifest]:
    """Checks that each batch's lines are all in one place, on disk; returns the batches."""
    project = Project(root)
    compactions = read_compactions(project)
    key_compactions = read_key_compactions(project)
    manifests = read_manifests(project)
    landed = [file for manifest in manifests for file in manifest.event_files]
    standing = [str(root / file.path) for file in standing_files(landed, compactions)]
    accepted = _rows_by_batch(standing)
    keys = _rows_by_batch(
        [str(root / path) for path in standing_key_files(manifests, key_compactions)]
    )
    for manifest in manifests:
        counts = manifest.counts
        assert counts.read == counts.accepted + counts.duplicate + counts.rejected, manifest
        on_disk = (
            accepted.pop(manifest.batch_id, 0),
            _rows(root, manifest.duplicate_files),
            _rows(root, manifest.rejected_files),
            keys.pop(manifest.batch_id, 0),
        )
        named = (counts.accepted, counts.duplicate, counts.rejected, counts.accepted)
        assert on_disk == named, manifest
    assert accepted == {}, "events of a batch without a manifest"
    assert keys == {}, "keys of a batch without a manifest"
    return manifests


def check_nothing_superfluous(root: Path, *, may_stand: frozenset[str] = frozenset()) -> None:
    """Checks that no file stands that no manifest names, and no staging folder is left."""
    project = Project(root)
    named = {path for manifest in read_manifests(project) for path in manifest.files}
    named |= {file.path for file in event_files(project)}
    named |= {one.path for one in read_key_compactions(project)}
    standing = {path.relative_to(root).as_posix() for path in project.landing.rglob("*.parquet")}
    assert standing - named - may_stand == set()
    assert list((project.landing / "_staging").iterdir()) == []


def accepted_events(root: Path) -> list[Row]:
    """Every accepted event, without its batch, in a fixed order."""
    files = [str(root / file.path) for file in event_files(Project(root))]
    return _query(
        """
        select transaction_id, customer_id, event_type, "timestamp", received_at,
            list_sort(map_entries(properties)) as properties
        from read_parquet(?, hive_partitioning = false)
        order by transaction_id, received_at
        """,
        files,
    )


def rejected_lines(root: Path) -> set[Row]:
    """Every rejected line: its text, the reason and its place; landed again, it counts once."""
    manifests = read_manifests(Project(root))
    files = [str(root / path) for m in manifests for path in m.rejected_files]
    return set(_query("select raw, reason, line_number from read_parquet(?)", files))


def _rows(root: Path, paths: Sequence[str]) -> int:
    return sum(int(pq.read_table(root / path, columns=[]).num_rows) for path in paths)


def _rows_by_batch(files: Sequence[str]) -> Counter[str]:
    query = "select batch_id, count(*) from read_parquet(?) group by batch_id"
    return Counter(dict(_query(query, files)))


def _query(query: str, files: Sequence[str]) -> list[Row]:
    if not files:
        return []
    with duckdb.connect() as connection:
        return connection.execute(query, [list(files)]).fetchall()
