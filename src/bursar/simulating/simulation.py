"""`bursar simulate`: history under another catalog.

Owns the order of the steps and what the report is of. It leaves the sides to
`bursar.simulating.sides`, the figures to `bursar.simulating.comparing`, and the look to
`bursar.cli`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bursar.catalog.relations import BY_NAME
from bursar.errors import BursarError, Diagnostic, ExitCode
from bursar.project import PROJECT_FILE, Project
from bursar.simulating import comparing, sides, unfrozen
from bursar.simulating.comparing import Window
from bursar.simulating.workspace import Inputs, Layer, lay_out, own_inputs, snapshot_ledger
from bursar.warehouse.answers import Rows
from bursar.warehouse.dbt_process import Step
from bursar.words import listed, nearest_name

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Simulation:
    """What a simulation has found; each of the tables in full.

    Args:
        as_of: The instant of both sides.
        catalog: The folder, as it was named.
        relations: The relations of the catalog that were taken from the folder.
        is_published: Whether the baseline is the published warehouse itself.
        has_drift: Whether finalized invoices would be others under the project's own catalog, too.
        invoices: Before, after and difference per invoice; none if they were not asked for.
        customers: The same per customer and currency.
        totals: The same per currency.
        newly_unrated: Usage that has a price before and none after.
        no_longer_unrated: How many groups have a price after and none before.
        warnings: What the catalog's check warns of.
        file: The simulated warehouse.
    """

    as_of: datetime
    catalog: str
    relations: tuple[str, ...]
    is_published: bool
    has_drift: bool
    invoices: Rows
    customers: Rows
    totals: Rows
    newly_unrated: Rows
    no_longer_unrated: int
    warnings: tuple[Diagnostic, ...]
    file: Path


def simulate(
    project: Project,
    catalog: Path,
    window: Window = Window(),  # noqa: B008 - immutable
    as_of: datetime | None = None,
    *,
    are_invoices_wanted: bool = True,
    on_step: Callable[[Step], None] | None = None,
) -> Simulation:
    """Rates history under another catalog, in a file of its own, and compares.

    Args:
        project: Whose history.
        catalog: A folder with CSVs of the catalog; what it lacks is the project's own.
        window: Which periods the report is of.
        as_of: The instant; the published warehouse's, else now, unless given.
        are_invoices_wanted: Whether the report has a row per invoice, too.
        on_step: Told of every step of dbt as it begins.

    Raises:
        BursarError: The folder is no catalog (2), or another comparison is running (3).
        ProblemsFound: The catalog in it is wrong; exit code 1.
        BuildFailed: As a build's.
    """
    layer = _catalog_layer(project, catalog)
    own = own_inputs(project)
    with sides.alone(project, "bursar simulate"), comparing.connected() as c:
        seen = sides.moment(project, as_of)
        # First, so that a slip of the pen is told at once.
        changed = replace(own, seeds=(*own.seeds, layer), what=f"the catalog with {layer.shown}")
        after = lay_out(project, "after", changed)
        warnings = sides.check(after)
        before = lay_out(project, "before", own)
        snapshot_ledger(project, before.project)
        published = project.published_database
        baseline = sides.computed(before, seen, had=(published,), on_step=on_step)
        comparing.attach(c, "before", baseline)
        unfrozen.write_ledger(c, after.project)
        file = sides.computed(
            after, seen, had=(project.simulated_database,), is_checked=True, on_step=on_step
        )
        if file != project.simulated_database.resolve():
            file.replace(project.simulated_database)
        comparing.attach(c, "after", project.simulated_database)
        has_drift = unfrozen.has_drift(c)
        if has_drift:
            _attach_rerated(project, own, c, seen, on_step)
        comparing.compare(c, window, is_rerated=has_drift)
        return Simulation(
            as_of=seen.as_of,
            catalog=layer.shown,
            relations=tuple(sorted(_relations(layer.folder))),
            is_published=published.exists() and baseline == published.resolve(),
            has_drift=has_drift,
            invoices=comparing.by_invoice(c, rows_max=None if are_invoices_wanted else 0),
            customers=comparing.by_customer(c),
            totals=comparing.by_currency(c),
            newly_unrated=comparing.newly_unrated(c),
            no_longer_unrated=comparing.unrated_counts(c)[1],
            warnings=tuple(warnings),
            file=project.simulated_database,
        )


def _attach_rerated(
    project: Project,
    own: Inputs,
    connection: DuckDBPyConnection,
    seen: sides.Moment,
    on_step: Callable[[Step], None] | None,
) -> None:
    """History rated anew under the project's own catalog: what differs there no price has done."""
    rerated = lay_out(project, "rerated", own)
    unfrozen.write_ledger(connection, rerated.project)
    comparing.attach(connection, "rerated", sides.computed(rerated, seen, on_step=on_step))


def _catalog_layer(project: Project, catalog: Path) -> Layer:
    """The folder that a person names, or the seeds of the project that it is."""
    folder = catalog / "seeds" if (catalog / PROJECT_FILE).is_file() else catalog
    if not folder.is_dir():
        raise BursarError(
            f"{catalog} is {'no folder' if folder.exists() else 'not there'}.",
            remedy="Copy the catalog, change the copy, and name it: cp -r seeds trial;"
            " bursar simulate --catalog trial",
            exit_code=ExitCode.BAD_USAGE,
        )
    if folder.resolve() == project.seeds.resolve():
        raise BursarError(
            f"{catalog} is the project's own catalog: there is nothing to compare it with.",
            remedy="`bursar diff --base HEAD` compares it with what git has. Or put the change into"
            " a copy: cp -r seeds trial; bursar simulate --catalog trial",
            exit_code=ExitCode.BAD_USAGE,
        )
    if not _relations(folder):
        names = sorted(path.name for path in folder.rglob("*.csv"))
        near = [found for name in names if (found := nearest_name(Path(name).stem, BY_NAME))]
        hint = f" Nearest: {near[0]}.csv." if near else ""
        raise BursarError(
            f"{catalog} has no file of the catalog, such as rates.csv."
            + (f" It has {listed(names)}.{hint}" if names else ""),
            remedy="Put there the CSVs that are to differ; the others are the project's own.",
            exit_code=ExitCode.BAD_USAGE,
        )
    return Layer(folder, folder.as_posix())


def _relations(folder: Path) -> set[str]:
    return {path.stem for path in folder.rglob("*.csv")} & BY_NAME.keys()
