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
from bursar.warehouse.explaining.part import Row, set_line
from bursar.warehouse.explaining.parts import Explained, parts_of
from bursar.warehouse.explaining.sum import Sum
from bursar.warehouse.explaining.sums import sums_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Their quantity was metered, and so has events.
_METERED = ("usage", "flat_fee")


@dataclass(frozen=True)
class Explanation:
    """Everything that explains a line."""

    line: Row
    parts: tuple[Explained, ...]
    events: Events | None
    sums: tuple[Sum, ...]

    @property
    def has_changed(self) -> bool:
        """Whether it is known that today's figures are others than this finalized line's."""
        if self.line["finalized_at"] is None:
            return False
        is_settled = self.line["status"] == "void" or self.line["corrects_invoice_id"] is not None
        return is_settled or any(part.name in ("corrections", "drift") for part in self.parts)

    @property
    def adds_up(self) -> bool:
        """Whether the parts give the line, to the last digit.

        A finalized line stays as it is: where something is known to have changed since, what is of
        today need not give it.
        """
        return all(
            one.found == one.expected or (one.is_of_today and self.has_changed) for one in self.sums
        )


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
        lines = set_line(connection, line_item_id)
        if not lines:
            raise _no_such_line(connection, line_item_id)
        line = lines[0]
        parts = parts_of(connection, lines)[line_item_id]
        events, event_sums = (
            events_of(project, connection, line, events_max)
            if line["line_type"] in _METERED and line["corrects_invoice_id"] is None
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
