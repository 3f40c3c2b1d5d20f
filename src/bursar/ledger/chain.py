"""Is every manifest of the ledger what was written, and is none missing?

Owns the chain of batches and the words for what is wrong with it. It leaves the manifests' form to
`bursar.ledger.batches`, and the files that they name to `bursar.ledger.verifying`.
"""

from __future__ import annotations

from pathlib import Path

from bursar.errors import BursarError, Diagnostic
from bursar.ledger.batches import FIRST, Batch, manifest_paths, read_batch
from bursar.ledger.commit import KINDS, unnamed_files
from bursar.project import Project

_NAMED_MAX = 3


def read_chain(project: Project) -> tuple[list[Batch], list[Diagnostic]]:
    """Every manifest that can be read, in order, and what is wrong with any."""
    batches, problems = [], []
    for path in manifest_paths(project):
        try:
            batch = read_batch(path)
        except BursarError as error:
            message = f"{error.message} {_said_by_files(project, path.stem)}"
            problems.append(_problem(path.stem, "manifest-damaged", message))
            continue
        batches.append(batch)
        if path.read_text("utf-8") != batch.to_json() or path.stem != batch.batch_id:
            message = (
                f"The manifest was changed after it was written; it lists {named(batch)}."
                f" {_said_by_files(project, path.stem)}"
            )
            problems.append(_problem(path.stem, "manifest-changed", message))
    return batches, problems + _broken_links(batches) + _without_a_manifest(project, batches)


def named(batch: Batch) -> str:
    """The invoices that a batch is about, in words; the first few of many."""
    return _in_words(list(batch.invoices))


def _broken_links(batches: list[Batch]) -> list[Diagnostic]:
    """Manifests that do not follow the one before."""
    problems = []
    expected, place = FIRST, 1
    for batch in batches:
        if (batch.previous_hash, batch.sequence) != (expected, place):
            message = (
                f"The chain is broken before this batch: it follows {batch.previous_hash[:12]}, and"
                f" what stands before it is {expected[:12]}. A batch was taken out, put in or"
                f" rewritten; this one lists {named(batch)}."
            )
            problems.append(_problem(batch.batch_id, "chain-broken", message))
        expected, place = batch.hash, batch.sequence + 1
    return problems


def _without_a_manifest(project: Project, batches: list[Batch]) -> list[Diagnostic]:
    """Files of no batch: of one that was taken out, unless it was never committed."""
    return [
        Diagnostic(
            project.relative(path),
            0,
            0,
            "manifest-missing",
            "No manifest names this file: its batch was taken out."
            f" {_said_by_files(project, path.stem)}",
        )
        for path in unnamed_files(project, batches)
        # Of a manifest that cannot be read it is not known which files it names.
        if not (project.ledger / "batches" / f"{path.stem}.json").exists()
    ]


def _said_by_files(project: Project, batch_id: str) -> str:
    """Which invoices a batch is about, as its own files have it."""
    import duckdb

    for kind in KINDS:
        path = project.ledger / kind / f"{batch_id}.parquet"
        try:
            with duckdb.connect(":memory:") as connection:
                found = connection.execute(
                    "select distinct invoice_id from read_parquet($path) order by invoice_id",
                    {"path": str(path)},
                ).fetchall()
        # DuckDB quotes what it could not read, which need not be text.
        except (duckdb.Error, UnicodeDecodeError):
            continue
        if found:
            return f"Its {kind} are of {_in_words([row[0] for row in found])}."
    return ""


def _in_words(names: list[str]) -> str:
    more = len(names) - _NAMED_MAX
    return ", ".join(names[:_NAMED_MAX]) + (f" and {more} more" if more > 0 else "")


def _problem(batch_id: str, name: str, message: str) -> Diagnostic:
    return Diagnostic(f"{Path('ledger', 'batches', batch_id).as_posix()}.json", 0, 0, name, message)
