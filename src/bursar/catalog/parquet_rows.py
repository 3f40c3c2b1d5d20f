"""A relation's Parquet files as the CSV they stand for, so that every rule holds for them, too.

Owns how a stored value reads as a field's text. What cannot be read without doubt, a floating-point
price or a list that is no text, is a problem of the whole file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from bursar.catalog.schema import Kind, Relation
from bursar.errors import Diagnostic

if TYPE_CHECKING:
    import pyarrow as pa

_SECONDS = "%Y-%m-%dT%H:%M:%SZ"


def read_parquet(
    relation: Relation, name: str, files: Sequence[Path]
) -> tuple[str, list[Diagnostic]]:
    """The rows as CSV text with a header, and what keeps them from being read.

    Args:
        relation: What the files should hold.
        name: How messages name them.
        files: One or more Parquet files of the same columns.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = pa.concat_tables(
            [parquet.read_table(path, partitioning=None) for path in files], promote_options="none"
        )
    except (pa.ArrowInvalid, OSError) as error:
        message = f"The rows do not read as Parquet of one shape: {str(error).splitlines()[0]}"
        return "", [Diagnostic(name, 0, 0, "bad-parquet", message)]
    problems = [
        problem for field in table.schema if (problem := _type_problem(relation, name, field))
    ]
    if problems:
        return "", problems
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(table.column_names)
    writer.writerows(zip(*(_texts(column) for column in table.columns), strict=True))
    return written.getvalue(), []


def _type_problem(relation: Relation, name: str, field: pa.Field) -> Diagnostic | None:
    import pyarrow as pa

    if field.name not in relation.column_names:
        return None
    kind = relation.column(field.name).kind
    if pa.types.is_floating(field.type) and kind in (Kind.DECIMAL, Kind.INTEGER):
        what = "DECIMAL(38, 12) or text" if kind is Kind.DECIMAL else "an integer or text"
        message = f"{field.name} is floating point, which is not exact. Store it as {what}."
    elif pa.types.is_nested(field.type) or pa.types.is_binary(field.type):
        message = f"{field.name} is {field.type}. Store it as text, written as in a CSV: a|b."
    else:
        return None
    return Diagnostic(name, 0, 0, "wrong-column-type", message)


def _texts(column: pa.ChunkedArray) -> list[str | None]:
    """Values as the catalog writes them: plain decimals, times in RFC 3339; null stays null."""
    import pyarrow as pa
    from pyarrow import compute

    found: list[str | None]
    if pa.types.is_decimal(column.type):
        return [None if value is None else format(value, "f") for value in column.to_pylist()]
    if not pa.types.is_timestamp(column.type):
        found = column.cast(pa.string()).to_pylist()
        return found
    # A fraction of a second stays: it is no time on the hour, and the rules say so of its text.
    with suppress(pa.ArrowInvalid):
        column = column.cast(pa.timestamp("s", column.type.tz))
    found = compute.strftime(column, format=_SECONDS).to_pylist()
    return found
