"""Event files of one day to one sorted file with the same rows.

Owns the SQL of it and the proof: the merged file is read back, and it holds the same events, each
as often, before anyone may see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from bursar.errors import BursarError
from bursar.landing.engine import file_list, quote, run
from bursar.landing.manifests import EventFile, Promoted

_COLUMNS = 'transaction_id, customer_id, event_type, "timestamp", received_at, batch_id'

# Sums, because the order of rows is what a merge changes. The hash is never stored.
_SUMMARY = """
select count(*), sum(hash({columns}, properties))
from ({rows})
"""


def merge(
    connection: duckdb.DuckDBPyConnection,
    root: Path,
    files: Sequence[EventFile],
    merged: Path,
    promoted: tuple[Promoted, ...],
) -> int:
    """Writes the files' rows to one file, sorted, with the promoted columns; how many they are.

    Args:
        connection: An engine to work in.
        root: The folder that the files' paths are relative to.
        files: What to merge; each file's promoted columns are among `promoted`.
        merged: The file to write.
        promoted: The properties that get a column.

    Raises:
        BursarError: The merged file does not hold the same rows.
    """
    merged.parent.mkdir(parents=True)
    rows = "\nunion all\n".join(
        _rows(paths, columns, promoted) for columns, paths in _by_layout(root, files)
    )
    run(
        connection,
        f'copy ({rows} order by event_type, customer_id, "timestamp", transaction_id, '
        f"received_at) to {quote(str(merged))} (format parquet, compression zstd)",
    )
    before = _summary(connection, _by_layout(root, files))
    after = _summary(connection, [(promoted, [merged])])
    manifested = sum(file.rows for file in files)
    if before != after or after[0] != manifested:
        raise BursarError(
            f"The merged file does not hold the events of its day: {after[0]:,} rows, and "
            f"{manifested:,} by the manifests. They stand as before.",
            remedy="This is a fault of Bursar, or a file under landing/ is damaged: please report "
            "it.",
        )
    return manifested


def _by_layout(
    root: Path, files: Sequence[EventFile]
) -> list[tuple[tuple[Promoted, ...], list[Path]]]:
    """The files by the columns that they have."""
    layouts: dict[tuple[Promoted, ...], list[Path]] = {}
    for file in files:
        layouts.setdefault(file.promoted, []).append(root / file.path)
    return list(layouts.items())


def _rows(paths: Sequence[Path], has: Sequence[Promoted], promoted: Sequence[Promoted]) -> str:
    """Rows of files of one layout, in the layout of the merged file."""
    columns = [
        pair.column if pair in has else f"properties[{quote(pair.property)}] as {pair.column}"
        for pair in promoted
    ]
    new = [quote(pair.property) for pair in promoted if pair not in has]
    properties = "properties"
    if new:
        properties = (
            "map_from_entries(list_filter(map_entries(properties), "
            f"lambda entry: entry.key not in ({', '.join(new)}))) as properties"
        )
    return (
        f"select {', '.join([_COLUMNS, *columns, properties])} "
        f"from read_parquet({file_list(paths)}, hive_partitioning = false)"
    )


def _summary(
    connection: duckdb.DuckDBPyConnection,
    layouts: Sequence[tuple[Sequence[Promoted], Sequence[Path]]],
) -> tuple[int, int]:
    """How many events there are, and a sum over all that each of them says."""
    rows = "\nunion all\n".join(
        f"select {_COLUMNS}, {_whole_properties(has)} as properties "
        f"from read_parquet({file_list(paths)}, hive_partitioning = false)"
        for has, paths in layouts
    )
    [(count, total)] = run(connection, _SUMMARY.format(columns=_COLUMNS, rows=rows))
    return int(count), int(total or 0)


def _whole_properties(has: Sequence[Promoted]) -> str:
    """All properties of an event as text pairs, in order of their keys."""
    pairs = "list_transform(map_entries(properties), lambda entry: [entry.key, entry.value])"
    if has:
        columns = ", ".join(f"[{quote(pair.property)}, {pair.column}]" for pair in has)
        present = f"list_filter([{columns}], lambda pair: pair[2] is not null)"
        pairs = f"list_concat({pairs}, {present})"
    return f"list_sort({pairs})"
