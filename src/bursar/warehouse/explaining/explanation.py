"""Why an invoice line is what it is: from its amount back to the very events.

Owns the gathering of an explanation's parts from the published warehouse, and the check that they
add up to the line. It leaves the queries to the modules beside it, and the look to ``bursar.cli``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bursar.errors import BursarError
from bursar.project import Project
from bursar.warehouse import database
from bursar.warehouse.explaining.events import Events, events_of
from bursar.warehouse.explaining.part import Row, rows_of
from bursar.warehouse.explaining.parts import PARTS
from bursar.warehouse.explaining.sum import Sum
from bursar.warehouse.explaining.sums import sums_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Their quantity was metered, and so has events.
_METERED = ("usage", "flat_fee")


@dataclass(frozen=True)
class Explained:
    """One part: a title, and rows by column name."""

    name: str
    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Explanation:
    """Everything that explains a line."""

    line: Row
    parts: tuple[Explained, ...]
    events: Events | None
    sums: tuple[Sum, ...]

    @property
    def adds_up(self) -> bool:
        """Whether the parts give the line, to the last digit."""
        return all(one.found == one.expected for one in self.sums)


def explain(project: Project, line_item_id: str, events_max: int) -> Explanation:
    """Explains a line of the published warehouse.

    Args:
        project: The project.
        line_item_id: The line.
        events_max: How many of its events to list.

    Raises:
        BursarError: There is no published warehouse (3), or it has no such line (1).
    """
    with database.published_as_built(project) as connection:
        found = rows_of(connection, "select * from line", line_item_id)
        if not found:
            raise _no_such_line(connection, line_item_id)
        line = found[0]
        parts = tuple(
            Explained(part.name, part.title, rows)
            for part in PARTS.get(line["line_type"], ())
            if (rows := tuple(rows_of(connection, part.query, line_item_id)))
        )
        events, event_sums = (
            events_of(project, connection, line, events_max)
            if line["line_type"] in _METERED
            else (None, [])
        )
    sums = sums_of(line, {part.name: part.rows for part in parts})
    return Explanation(line, parts, events, (*sums, *event_sums))


def _no_such_line(connection: DuckDBPyConnection, line_item_id: str) -> BursarError:
    invoice_id = line_item_id.rpartition(":")[0]
    found = connection.execute(
        "select invoice_id from billing.invoices where invoice_id in (?, ?)",
        [invoice_id, line_item_id],
    ).fetchall()
    remedy = "`bursar invoice list` shows the invoices, `bursar invoice show ID --format json`"
    remedy += " their lines' ids."
    if found:
        remedy = f"See its lines' ids: bursar invoice show {found[0][0]} --format json"
    return BursarError(
        f"There is no invoice line {line_item_id} in the published warehouse.", remedy=remedy
    )
