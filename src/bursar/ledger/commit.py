"""A batch into the ledger, entirely or not at all.

Files are written to ``ledger/_staging/<batch_id>/``, synced and moved to their places; at last
the manifest is moved to ``ledger/batches/``: that rename is the commit. A file that no manifest
names is not there for anybody, and the next batch clears it away. Owns that order. The caller holds
the build's lock, so that there is one writer.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bursar.landing import faults
from bursar.landing.durable import make_folder, sync, write_text
from bursar.ledger.batches import (
    FIRST,
    Batch,
    LedgerFile,
    batches_folder,
    file_hash,
    read_batches,
)
from bursar.project import Project

_STAGING = "_staging"
_MANIFEST = "manifest.json"
KINDS = ("invoices", "line_items", "draws", "voids")


def next_batch(batches: Sequence[Batch], kind: str, at: str) -> Batch:
    """The batch that comes next in the chain, still without files.

    Args:
        batches: Those that stand, as `recover` gave them.
        kind: What it does.
        at: The instant it is of, RFC 3339 in UTC.
    """
    last = batches[-1] if batches else None
    sequence = last.sequence + 1 if last else 1
    compact = "".join(character for character in at if character.isalnum())
    return Batch(
        sequence=sequence,
        batch_id=f"{sequence:08d}-{compact}-{kind}",
        kind=kind,
        at=at,
        made_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        previous_hash=last.hash if last else FIRST,
        files=(),
        invoices={},
    )


def staging_folder(project: Project, batch: Batch) -> Path:
    """A new, empty folder for the batch's files."""
    folder = project.ledger / _STAGING / batch.batch_id
    make_folder(folder)
    return folder


def commit(
    project: Project,
    batch: Batch,
    folder: Path,
    rows: Mapping[str, int],
    invoices: Mapping[str, str],
) -> Batch:
    """Makes a staged batch part of the ledger.

    Args:
        project: Whose ledger.
        batch: As `next_batch` gave it.
        folder: Its staging folder, with one `<kind>.parquet` for each kind of `rows`.
        rows: How many rows each kind has.
        invoices: The content hash of each invoice it is about, by id.

    Returns:
        The batch with its files and its hash.
    """
    faults.reach("ledger-staged")
    files = tuple(
        LedgerFile(kind, _place(batch, kind), count, file_hash(folder / f"{kind}.parquet"))
        for kind, count in rows.items()
    )
    batch = replace(batch, files=files, invoices=dict(sorted(invoices.items())))
    batch = replace(batch, hash=batch.content_hash())
    for file in files:
        sync(folder / f"{file.kind}.parquet")
    write_text(folder / _MANIFEST, batch.to_json())
    sync(folder)
    faults.reach("ledger-manifest-staged")
    for file in files:
        destination = project.root / file.path
        make_folder(destination.parent)
        (folder / f"{file.kind}.parquet").replace(destination)
        sync(destination.parent)
        faults.reach("ledger-file-moved")
    make_folder(batches_folder(project))
    (folder / _MANIFEST).replace(batches_folder(project) / f"{batch.batch_id}.json")
    faults.reach("ledger-manifest-moved")
    sync(batches_folder(project))
    faults.reach("ledger-committed")
    shutil.rmtree(folder)
    return batch


def recover(project: Project) -> list[Batch]:
    """Clears away what a writer that died has left; nothing of it was part of the ledger.

    Only that: a file of no batch that nobody was about to commit is of a batch that was taken out,
    and what proves it.

    Returns:
        The batches that stand, in order of the chain.

    Raises:
        BursarError: A manifest cannot be read.
    """
    batches = read_batches(project)
    staging = project.ledger / _STAGING
    for path in unnamed_files(project, batches, is_staged=True):
        path.unlink()
        faults.reach("ledger-recovery-file-removed")
    # Last, since it says which files may go.
    shutil.rmtree(staging, ignore_errors=True)
    return batches


def unnamed_files(
    project: Project, batches: Sequence[Batch], *, is_staged: bool = False
) -> list[Path]:
    """Files that no batch names.

    Args:
        project: Whose.
        batches: Its batches.
        is_staged: Whether those of a batch that was being committed, or all others.
    """
    named = {file.path for batch in batches for file in batch.files}
    staged = {folder.name for folder in (project.ledger / _STAGING).glob("*")}
    return [
        path
        for kind in KINDS
        for path in sorted((project.ledger / kind).glob("*.parquet"))
        if project.relative(path) not in named and (path.stem in staged) == is_staged
    ]


def _place(batch: Batch, kind: str) -> str:
    return f"ledger/{kind}/{batch.batch_id}.parquet"
