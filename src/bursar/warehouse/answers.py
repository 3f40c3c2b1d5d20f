"""What the published warehouse answers: rows by column name, and the nearest to a name it lacks.

Owns the form of an answer, and the words for an id that no row has. It leaves the questions to the
modules beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bursar.errors import BursarError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

NEAREST_MAX = 3

Row = dict[str, Any]


@dataclass(frozen=True)
class Rows:
    """A query's answer: column names and rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def as_dicts(self) -> list[Row]:
        """Each row by column name."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def ask(connection: DuckDBPyConnection, query: str, values: Sequence[Any] = ()) -> Rows:
    """A query's answer."""
    cursor = connection.execute(query, list(values))
    columns = tuple(column[0] for column in cursor.description or ())
    return Rows(columns=columns, rows=tuple(cursor.fetchall()))


def check_known(
    connection: DuckDBPyConnection, relation: str, column: str, value: str | None, what: str
) -> None:
    """Raises when no row has an id, naming the nearest: those that begin with it first.

    Args:
        connection: To the published warehouse.
        relation: A mart, with its schema.
        column: The id's column.
        value: The id; none is always known.
        what: What the mart's rows are, such as `invoice`.
    """
    if value is None:
        return
    if ask(connection, f"select 1 from {relation} where {column} = ? limit 1", [value]).rows:
        return
    nearest = ask(
        connection,
        f"select {column} from {relation} where {column} is not null group by {column}"
        f" order by starts_with({column}, ?) desc, jaro_winkler_similarity({column}, ?) desc,"
        f" {column} limit {NEAREST_MAX}",
        [value, value],
    ).rows
    kind = column.removesuffix("_id")
    missing = f"no {what}" if kind == what else f"no {what} of a {kind}"
    raise BursarError(
        f"There is {missing} {value} in the published warehouse.",
        remedy=f"Nearest: {', '.join(row[0] for row in nearest)}."
        if nearest
        else f"It holds no {what}s at all: see `bursar doctor`.",
    )
