"""`bursar diff`: what the working tree's catalog and metrics change, against a git revision.

Owns the order of the steps and what the report is of. It leaves git to `bursar.revisions`, the
sides to `bursar.simulating.sides`, the figures to `bursar.simulating.comparing` and
`bursar.simulating.line_changes`, and the look to `bursar.cli`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bursar import revisions
from bursar.project import Project
from bursar.simulating import comparing, line_changes, sides
from bursar.simulating.changed_files import ChangedFile, changed_files
from bursar.simulating.workspace import Inputs, Layer, lay_out, own_inputs, snapshot_ledger
from bursar.warehouse.answers import Rows
from bursar.warehouse.dbt_process import Step

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_FOLDERS = ("seeds", "metrics")


@dataclass(frozen=True)
class Difference:
    """What changes. Tables are cut where a number of rows was asked for; counts never are.

    Args:
        as_of: The instant of both sides.
        base: The revision as it was named.
        commit: Its hash, shortened.
        files: The files of the catalog and the metrics that differ.
        totals: Before, after and difference per currency, over all invoices.
        customers: The same per customer and currency.
        invoices: The same per changed invoice.
        lines: The changed lines, added up by what they are for.
        line_counts: How many lines are changed, added and removed.
        finalized: What finalized invoices would be, if it differs; they stay as they are.
        finalized_count: How many those are.
        newly_unrated: Usage that has a price before and none after.
        unrated_counts: How many groups newly have no price, and how many have one that had none.
    """

    as_of: datetime
    base: str
    commit: str
    files: tuple[ChangedFile, ...]
    totals: Rows
    customers: Rows
    invoices: Rows
    lines: Rows
    line_counts: Mapping[str, int]
    finalized: Rows
    finalized_count: int
    newly_unrated: Rows
    unrated_counts: tuple[int, int]

    @property
    def invoices_changed(self) -> int:
        """How many invoices change."""
        return sum(int(row["invoices_changed"]) for row in self.totals.as_dicts())

    @property
    def has_changes(self) -> bool:
        """Whether any bill changes, or would if it were not final, or usage loses its price."""
        return bool(self.invoices_changed or self.finalized_count or any(self.unrated_counts))


def diff(
    project: Project,
    base: str,
    as_of: datetime | None = None,
    rows_max: int | None = None,
    on_step: Callable[[Step], None] | None = None,
) -> Difference:
    """Computes the bills of both sides in files of their own, and compares them.

    Both sides have the same events, ledger, instant and code.

    Args:
        project: Whose working tree.
        base: What git takes for a revision.
        as_of: The instant; the published warehouse's, else now, unless given.
        rows_max: How many rows of each table to return; all unless given.
        on_step: Told of every step of dbt as it begins.

    Raises:
        BursarError: There is no such revision (2), or another comparison is running (3).
        ProblemsFound: A metric or the catalog of a side is wrong; exit code 1.
        BuildFailed: As a build's.
    """
    commit = revisions.commit_of(project.root, base)
    with sides.alone(project, "bursar diff"), comparing.connected() as c:
        seen = sides.moment(project, as_of)
        after = lay_out(project, "after", own_inputs(project))
        sides.check(after)
        before = lay_out(project, "before", _inputs_at(project, base, commit))
        sides.check(before)
        snapshot_ledger(project, after.project)
        # The same moment's: a batch may be added between two looks.
        snapshot_ledger(after.project, before.project)
        published = project.published_database
        for name, side, others in (("before", before, ()), ("after", after, (before,))):
            had = (published, *(sides.own_file(other) for other in others))
            file = sides.computed(side, seen, had=had, is_checked=True, on_step=on_step)
            comparing.attach(c, name, file)
        return _report(
            c, seen.as_of, base, commit, changed_files(before.project, after.project), rows_max
        )


def _report(
    connection: DuckDBPyConnection,
    as_of: datetime,
    base: str,
    commit: str,
    files: tuple[ChangedFile, ...],
    rows_max: int | None,
) -> Difference:
    comparing.compare(connection, comparing.Window())
    line_changes.compare_lines(connection)
    return Difference(
        as_of=as_of,
        base=base,
        commit=commit[:10],
        files=files,
        totals=comparing.by_currency(connection),
        customers=comparing.by_customer(connection, only_changed=True, rows_max=rows_max),
        invoices=comparing.by_invoice(connection, only_changed=True, rows_max=rows_max),
        lines=line_changes.changed_lines(connection, rows_max),
        line_counts=line_changes.line_counts(connection),
        finalized=line_changes.finalized_changes(connection, rows_max),
        finalized_count=line_changes.finalized_count(connection),
        newly_unrated=comparing.newly_unrated(connection, rows_max),
        unrated_counts=comparing.unrated_counts(connection),
    )


def _inputs_at(project: Project, base: str, commit: str) -> Inputs:
    """The catalog and the metrics as a revision has them; a folder that it lacks is empty."""
    root = project.what_if / "revision"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    revisions.extract(project.root, commit, _FOLDERS, root)
    return Inputs(
        seeds=(Layer(root / "seeds", f"{base}:seeds"),),
        metrics=Layer(root / "metrics", f"{base}:metrics"),
        what=f"the metrics and the catalog at {base}",
    )
