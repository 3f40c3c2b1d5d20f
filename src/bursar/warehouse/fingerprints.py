"""What a warehouse was built from, as hashes: events, catalog, metrics, ledger and code.

Owns what counts as an input and how it is hashed. It leaves comparing fingerprints to those who ask
whether a warehouse is of today (`bursar doctor`, `bursar finalize`), and the manifests to
`bursar.landing`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import bursar
from bursar import package_link
from bursar.catalog.project import files_of_catalog
from bursar.landing.manifests import Manifest
from bursar.project import PROJECT_FILE, Project

READ_BYTES = 1 << 20


@dataclass(frozen=True)
class Fingerprints:
    """One SHA-256 in hex for every kind of input.

    Args:
        events: The batches received by `as_of`, by id and counts.
        catalog: The files in seeds/, and those that `catalog_source` names.
        metrics: The files in metrics/.
        ledger: The ledger's batches; what a killed writer has left there is none.
        code: Bursar itself and the project's own settings, models and macros.
    """

    events: str
    catalog: str
    metrics: str
    ledger: str
    code: str


def take(
    project: Project, manifests: Iterable[Manifest], *, without: Collection[str] = ()
) -> Fingerprints:
    """The fingerprints of a project's inputs now.

    Args:
        project: Whose inputs.
        manifests: Its batches received by `as_of`.
        without: The ids of ledger batches to leave out.
    """
    return Fingerprints(
        events=of_batches(manifests),
        catalog=of_files(project.root, files_of_catalog(project)),
        metrics=of_files(project.root, _written(project.metrics)),
        ledger=of_files(project.root, _committed(project.ledger, without)),
        code=of_code(project),
    )


def received_by(manifests: Iterable[Manifest], as_of: datetime) -> list[Manifest]:
    """The batches that a build as of an instant sees."""
    limit = as_of.astimezone(UTC).replace(tzinfo=None)
    return [manifest for manifest in manifests if manifest.received_instant <= limit]


def of_batches(manifests: Iterable[Manifest]) -> str:
    """The fingerprint of batches: their ids and counts, in any order of arrival."""
    lines = sorted(
        f"{m.batch_id} {m.counts.read} {m.counts.accepted} {m.counts.duplicate} {m.counts.rejected}"
        for m in manifests
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def of_files(root: Path, files: Iterable[Path]) -> str:
    """The fingerprint of files: their paths below a folder and their bytes, in order of path."""
    digest = hashlib.sha256()
    for path in sorted(path for path in files if path.is_file()):
        name = path.relative_to(root).as_posix().encode()
        digest.update(b"%d:%s%d:" % (len(name), name, path.stat().st_size))
        with path.open("rb") as file:
            while chunk := file.read(READ_BYTES):
                digest.update(chunk)
    return digest.hexdigest()


def of_code(project: Project) -> str:
    """The fingerprint of what turns inputs into bills: Bursar, and the project's own dbt files."""
    python = Path(bursar.__file__).parent
    package = package_link.installed_package() or package_link.checkout() or python
    parts = [
        bursar.__version__,
        of_files(python, python.rglob("*.py")),
        of_files(package, _models_and_macros(package)),
        of_files(project.root, _models_and_macros(project.root)),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _models_and_macros(root: Path) -> list[Path]:
    """A dbt project's settings, models, macros; what metrics compile to belongs to metrics."""
    found = [root / PROJECT_FILE, *(root / "macros").rglob("*.sql")]
    compiled = root / "models" / "metrics"
    found += [p for p in (root / "models").rglob("*.sql") if not p.is_relative_to(compiled)]
    return found


def _committed(ledger: Path, without: Collection[str]) -> list[Path]:
    """The manifests, and the files that bear the name of one."""
    manifests = [p for p in (ledger / "batches").glob("*.json") if p.stem not in without]
    names = {path.stem for path in manifests}
    return manifests + [path for path in ledger.glob("*/*.parquet") if path.stem in names]


def _written(folder: Path) -> list[Path]:
    return [path for ending in ("sql", "yml", "yaml") for path in folder.rglob(f"*.{ending}")]
