"""Where a project's files are.

Owns the layout of a billing project on disk. It leaves reading and writing those files to the rooms
that own them, and what `dbt_project.yml` says to dbt.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bursar.errors import BursarError, ExitCode

PROJECT_FILE = "dbt_project.yml"


@dataclass(frozen=True)
class Project:
    """A billing project: one folder with `dbt_project.yml`, metrics, seeds and landed events.

    Args:
        root: The folder, absolute.
    """

    root: Path

    @property
    def metrics(self) -> Path:
        """What billing engineers write: one metric a file."""
        return self.root / "metrics"

    @property
    def seeds(self) -> Path:
        """The catalog: one CSV a relation."""
        return self.root / "seeds"

    @property
    def compiled(self) -> Path:
        """The dbt models that the metrics compile to; generated, committed."""
        return self.root / "models" / "metrics"

    @property
    def landing(self) -> Path:
        """Landed events and their batch manifests: truth."""
        return self.root / "landing"

    @property
    def ledger(self) -> Path:
        """Finalized invoices: truth."""
        return self.root / "ledger"

    @property
    def warehouse(self) -> Path:
        """The build's file and the published one: derived."""
        return self.root / "warehouse"

    @property
    def build_database(self) -> Path:
        """The file that dbt writes; nobody else opens it."""
        return self.warehouse / "build.duckdb"

    @property
    def published_database(self) -> Path:
        """What people open, read-only: a link to the newest published version."""
        return self.warehouse / "published.duckdb"

    @property
    def simulated_database(self) -> Path:
        """What `bursar simulate` has computed last."""
        return self.warehouse / "simulated.duckdb"

    @property
    def what_if(self) -> Path:
        """Where the sides of a comparison are built: derived."""
        return self.warehouse / "what-if"

    def relative(self, path: Path) -> str:
        """The path as messages show it: relative to the project, with forward slashes."""
        return (path.relative_to(self.root) if path.is_relative_to(self.root) else path).as_posix()


def find_project(start: Path | None = None) -> Project:
    """The project that a folder lies in: the nearest folder upwards with `dbt_project.yml`.

    Args:
        start: Where to begin; the working directory if not given.

    Raises:
        BursarError: No folder upwards is a project.
    """
    folder = (start or Path.cwd()).resolve()
    for candidate in (folder, *folder.parents):
        if (candidate / PROJECT_FILE).is_file():
            return Project(candidate)
    raise BursarError(
        f"No billing project here: neither {folder} nor any folder above it has a {PROJECT_FILE}.",
        remedy="Make one with `bursar init DIR`, or name one with --project-dir DIR.",
        exit_code=ExitCode.BAD_USAGE,
    )
