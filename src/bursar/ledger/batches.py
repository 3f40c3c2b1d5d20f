"""The ledger's batches: what each manifest says, and the chain that they form.

A batch is Parquet files below ``ledger/`` and one manifest in ``ledger/batches/``, whose appearance
is the commit. Each manifest states the hash of the one before, so that none can be changed, taken
out or put in between without the next one saying so. Owns the manifests' form and their chain. It
leaves the rows to `bursar.ledger.rows` and committing to `bursar.ledger.commit`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bursar.landing.records import read_record
from bursar.project import Project

VERSION = 1
FIRST = "0" * 64


@dataclass(frozen=True)
class LedgerFile:
    """A file of a batch.

    Args:
        kind: ``invoices``, ``line_items``, ``draws`` or ``voids``.
        path: Relative to the project.
        rows: How many rows it has.
        sha256: Of its bytes, in hex.
    """

    kind: str
    path: str
    rows: int
    sha256: str


@dataclass(frozen=True)
class Batch:
    """One manifest.

    Args:
        sequence: Its place in the chain, from 1 on.
        batch_id: Its name: the sequence, and the instant it is of.
        kind: ``finalize``, ``void`` or ``correct``.
        at: The instant it is of, RFC 3339 in UTC: when its invoices were finalized or voided.
        made_at: When it was written, by the clock.
        previous_hash: The hash of the batch before; 64 zeros for the first.
        files: Its files.
        invoices: Each invoice's content hash, by id.
        hash: SHA-256 of all of the above.
    """

    sequence: int
    batch_id: str
    kind: str
    at: str
    made_at: str
    previous_hash: str
    files: tuple[LedgerFile, ...]
    invoices: dict[str, str]
    hash: str = ""

    def content_hash(self) -> str:
        """What `hash` has to be."""
        content = {name: value for name, value in asdict(self).items() if name != "hash"}
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def to_json(self) -> str:
        """The manifest's text."""
        content = {"version": VERSION, **asdict(self), "hash": self.content_hash()}
        return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def file_hash(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hex; what `LedgerFile.sha256` has to be."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def batches_folder(project: Project) -> Path:
    """Where the manifests are."""
    return project.ledger / "batches"


def manifest_paths(project: Project) -> list[Path]:
    """The manifests, in order of the chain."""
    return sorted(batches_folder(project).glob("*.json"))


def read_batch(path: Path) -> Batch:
    """One manifest, as it is written; whether it is true is for `bursar.ledger.verify` to say.

    Raises:
        BursarError: It cannot be read.
    """
    loss = "the invoices that it lists cannot be proven without it"
    return read_record(path, "ledger manifest", VERSION, loss, _batch)


def read_batches(project: Project) -> list[Batch]:
    """Every manifest, in order of the chain.

    Raises:
        BursarError: One cannot be read.
    """
    return [read_batch(path) for path in manifest_paths(project)]


def _batch(content: dict[str, Any]) -> Batch:
    given = {name: value for name, value in content.items() if name not in ("version", "files")}
    return Batch(files=tuple(LedgerFile(**file) for file in content["files"]), **given)
