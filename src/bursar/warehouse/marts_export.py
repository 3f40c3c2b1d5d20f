"""The marts of the published warehouse as Parquet files, for what does not speak DuckDB.

A folder of exports holds whole ones, `export-<n>/`, and the link `latest` to the newest of them. An
export is staged aside, synced and renamed, and then the link moves: a reader finds the one before
or the new one, all marts of one build, and never half of it. Owns that folder and its files. It
leaves what is in the marts to the models, and which version is published to
`bursar.warehouse.publish`.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

from bursar.errors import BursarError, ExitCode
from bursar.landing import failures, faults
from bursar.landing.durable import make_folder, sync, write_text
from bursar.metrics.columns import quote_name, quote_text
from bursar.project import Project
from bursar.warehouse import database, lock
from bursar.warehouse.run_state import as_text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

EXPORTS_KEPT = 3
MANIFEST = "manifest.json"
LATEST = "latest"
# Says that the folder is one of exports, and is locked by whoever writes to it. Hidden, since Spark
# and Hive take what is not for a table's file.
_MARK = ".bursar-export.lock"
_EXPORT = re.compile(r"export-(\d+)")
# DuckDB writes these as floating-point numbers.
_WIDE_INTEGERS = ("HUGEINT", "UHUGEINT")
_NOT_EXPORTED = "The marts could not be exported, and the last export stands as it was"


@dataclass(frozen=True)
class Column:
    """A column of a mart: its name, DuckDB's type and what it means."""

    name: str
    type: str
    description: str


@dataclass(frozen=True)
class Mart:
    """One exported mart.

    Args:
        name: Of the table.
        file: Of the export's folder.
        rows: How many it has.
        bytes: The size of the file.
        description: What a row is.
        columns: In order.
    """

    name: str
    file: str
    rows: int
    bytes: int
    description: str
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class MartsExport:
    """What was exported.

    Args:
        folder: The new export.
        published: The version that it is of, a file in warehouse/.
        as_of: The instant of that build, RFC 3339.
        marts: By name.
        seconds: How long it took.
    """

    folder: Path
    published: str
    as_of: str
    marts: tuple[Mart, ...]
    seconds: float

    @property
    def rows(self) -> int:
        """Of all marts."""
        return sum(mart.rows for mart in self.marts)

    @property
    def bytes(self) -> int:
        """Of all files."""
        return sum(mart.bytes for mart in self.marts)


def export_marts(
    project: Project, folder: Path, on_mart: Callable[[int, int], None] | None = None
) -> MartsExport:
    """Exports every mart of the published warehouse.

    Args:
        project: Whose.
        folder: The folder of exports; made if it is not there.
        on_mart: Told how many marts are written, and how many there are.

    Raises:
        BursarError: Nothing is published, or another export is going on (3); the folder is a file,
            holds something else or is one of the project's own (2); it cannot be written (1).
    """
    began = time.monotonic()
    folder = folder.resolve()
    _check_is_for_exports(project, folder)
    with database.published(project) as connection, _writing_to(folder):
        [(version, as_of)] = connection.execute(
            "select current_database(), as_of from billing.build_info"
        ).fetchall()
        number = max(exports(folder), default=0) + 1
        final = folder / f"export-{number}"
        about = {"published": f"{version}.duckdb", "as_of": as_text(as_of.replace(tzinfo=UTC))}
        with _staged(final) as stage:
            marts = _write_marts(connection, stage, about, on_mart or (lambda done, total: None))
            described = {"version": 1, **about, "marts": [asdict(mart) for mart in marts]}
            write_text(stage / MANIFEST, json.dumps(described, indent=2, ensure_ascii=False) + "\n")
            sync(stage)
            faults.reach("export-staged")
        sync(folder)
        _point_link(folder, final)
        _prune(folder, number)
    return MartsExport(final, about["published"], about["as_of"], marts, time.monotonic() - began)


def exports(folder: Path) -> dict[int, Path]:
    """The whole exports in a folder, by number."""
    found = ((_EXPORT.fullmatch(path.name), path) for path in folder.glob("export-*"))
    return {int(match[1]): path for match, path in found if match}


def _check_is_for_exports(project: Project, folder: Path) -> None:
    """Refuses a folder in which something else is: nothing of it is ever overwritten or deleted."""
    own = (project.landing, project.ledger, project.warehouse, project.seeds, project.metrics)
    for room in (*own, project.root / "models"):
        if folder.is_relative_to(room.resolve()):
            raise _refused(f"{folder} is in {room.name}/, which holds a project's own files.")
    if folder.exists() and not folder.is_dir():
        raise _refused(f"{folder} is a file.")
    if folder.is_dir() and not (folder / _MARK).exists():
        other = sorted(path.name for path in folder.iterdir())
        if other:
            raise _refused(f"{folder} holds something else than exports, such as {other[0]}.")


def _refused(message: str) -> BursarError:
    return BursarError(
        message,
        remedy="Name a folder for exports alone, which is made if it is not there: nothing was"
        " written.",
        exit_code=ExitCode.BAD_USAGE,
    )


@contextmanager
def _writing_to(folder: Path) -> Iterator[None]:
    """Holds the folder's lock, what a killed export has left cleared away."""
    with failures.told(folder, _NOT_EXPORTED):
        make_folder(folder)
        with lock.held(folder / _MARK, "bursar export marts", f"is exporting to {folder}"):
            for path in folder.glob("export-*.tmp"):
                shutil.rmtree(path)
            (folder / f"{LATEST}.tmp").unlink(missing_ok=True)
            yield


@contextmanager
def _staged(final: Path) -> Iterator[Path]:
    """A folder aside, which gets its name once the body has filled it; else it is cleared away."""
    import duckdb

    stage = final.with_name(f"{final.name}.tmp")
    stage.mkdir()
    try:
        yield stage
        stage.replace(final)
    except BaseException as error:
        shutil.rmtree(stage, ignore_errors=True)
        if isinstance(error, duckdb.Error):
            reason = failures.reason(final.parent, error)
            remedy = failures.remedy(final.parent, error)
            raise BursarError(f"{_NOT_EXPORTED}: {reason}.", remedy=remedy) from error
        raise
    faults.reach("export-renamed")


def _write_marts(
    connection: DuckDBPyConnection,
    stage: Path,
    about: dict[str, str],
    on_mart: Callable[[int, int], None],
) -> tuple[Mart, ...]:
    described = connection.execute(
        "select table_name, comment from duckdb_tables() where schema_name = 'billing' order by 1"
    ).fetchall()
    marts = []
    for done, (name, comment) in enumerate(described):
        on_mart(done, len(described))
        marts.append(_write_mart(connection, stage, name, comment or "", about))
        faults.reach("export-mart-written")
    return tuple(marts)


def _write_mart(
    connection: DuckDBPyConnection, stage: Path, name: str, description: str, about: dict[str, str]
) -> Mart:
    columns = tuple(
        Column(column, kind, comment or "")
        for column, kind, comment in connection.execute(
            "select column_name, data_type, comment from duckdb_columns()"
            " where schema_name = 'billing' and table_name = $name order by column_index",
            {"name": name},
        ).fetchall()
    )
    path = stage / f"{name}.parquet"
    said = {
        **about,
        "description": description,
        "columns": json.dumps({c.name: c.description for c in columns}, ensure_ascii=False),
    }
    metadata = ", ".join(f"{key}: {quote_text(text)}" for key, text in said.items())
    [(rows,)] = connection.execute(
        f"copy (select {_selected(columns)} from billing.{quote_name(name)})"
        f" to {quote_text(str(path))}"
        f" (format parquet, compression zstd, kv_metadata {{{metadata}}})"
    ).fetchall()
    sync(path)
    return Mart(name, path.name, rows, path.stat().st_size, description, columns)


def _selected(columns: Sequence[Column]) -> str:
    """All columns; integers that Parquet has no type for as decimals, so that no digit is lost."""
    return ", ".join(
        f"cast({quote_name(column.name)} as decimal(38, 0)) as {quote_name(column.name)}"
        if column.type in _WIDE_INTEGERS
        else quote_name(column.name)
        for column in columns
    )


def _point_link(folder: Path, final: Path) -> None:
    link = folder / f"{LATEST}.tmp"
    link.symlink_to(final.name)
    link.replace(folder / LATEST)
    faults.reach("export-linked")
    sync(folder)


def _prune(folder: Path, newest: int) -> None:
    for number, path in exports(folder).items():
        if number <= newest - EXPORTS_KEPT:
            # Aside first: half a folder under its name would be taken for a whole export.
            aside = path.with_name(f"{path.name}.tmp")
            path.replace(aside)
            shutil.rmtree(aside)
            faults.reach("export-pruned")
