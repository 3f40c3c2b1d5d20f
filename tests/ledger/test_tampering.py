"""Whatever is changed in the ledger, `bursar ledger verify` says so, and names an invoice."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from bursar.cli.finalize import verify as verify_command
from bursar.errors import ExitCode, ProblemsFound
from bursar.ledger import rows
from bursar.ledger.batches import manifest_paths, read_batch, read_batches
from bursar.ledger.commit import recover
from bursar.ledger.verifying import verify
from bursar.project import Project
from tests.ledger.conftest import copied

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("ledger")]
FLIPS_A_FILE = int(os.environ.get("BURSAR_FLIPS", "4"))


@pytest.fixture
def ledger(voided_twice: tuple[Project, object], tmp_path: Path) -> Project:
    """A copy of a ledger with six batches."""
    return copied(voided_twice[0], tmp_path / "project")


def problems(project: Project) -> list[str]:
    return [problem.render() for problem in verify(project).problems]


def invoices_of(project: Project, batch_id: str) -> list[str]:
    [batch] = [batch for batch in read_batches(project) if batch.batch_id == batch_id]
    return list(batch.invoices)


def test_an_untouched_ledger_is_what_was_written(
    ledger: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    verify_command(project_dir=ledger.root)
    printed = capsys.readouterr()
    assert printed.out == read_batches(ledger)[-1].hash + "\n"
    assert printed.err == "The ledger is what was written: 6 batches, 8 invoices.\n"


def test_one_other_byte_anywhere_names_an_invoice(ledger: Project) -> None:
    chance = random.Random(20260204)
    files = [path for path in sorted(ledger.ledger.rglob("*")) if path.is_file()]
    assert len(files) == 6 + 3 * 3 + 3
    for path in files:
        written = path.read_bytes()
        about = invoices_of(ledger, path.stem)
        for position in chance.sample(range(len(written)), FLIPS_A_FILE):
            other = chance.choice([byte for byte in range(256) if byte != written[position]])
            path.write_bytes(written[:position] + bytes([other]) + written[position + 1 :])
            found = problems(ledger)
            assert any(name in text for text in found for name in about), (path, position, other)
        path.write_bytes(written)
    assert problems(ledger) == []


def test_what_was_tampered_with_ends_with_the_code_of_a_bill_that_is_wrong(
    ledger: Project,
) -> None:
    file = next((ledger.ledger / "line_items").iterdir())
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(ProblemsFound, match="in the ledger") as raised:
        verify_command(project_dir=ledger.root)
    assert raised.value.exit_code is ExitCode.NOT_RECONCILED
    assert "backup" in raised.value.remedy


def test_a_changed_row_is_named_by_its_line(ledger: Project) -> None:
    path = first_file(ledger, "line_items")
    line_item_id = rewrite(path, "amount = amount + 1", keep_hash=True)
    found = problems(ledger)
    assert f"The first row that was changed: k:usage:2026-01-01, line {line_item_id}. " in found[0]


def test_a_row_with_its_hash_made_right_is_still_not_the_one_of_the_manifest(
    ledger: Project,
) -> None:
    path = first_file(ledger, "line_items")
    rewrite(path, "amount = amount + 1", keep_hash=False)
    found = "\n".join(problems(ledger))
    assert "file-changed" in found
    assert "k:usage:2026-01-01 is not what was finalized: its content hash differs." in found


def test_a_batch_that_was_rewritten_with_all_its_hashes_breaks_the_chain(ledger: Project) -> None:
    manifest, follower = manifest_paths(ledger)[:2]
    path = first_file(ledger, "line_items")
    rewrite(path, "amount = amount + 1", keep_hash=False)
    batch = read_batch(manifest)
    content = json.loads(manifest.read_text())
    for file in content["files"]:
        file["sha256"] = rows_hash(ledger.root / file["path"])
    content["invoices"] = content_hashes(ledger, batch.batch_id)
    write_with_its_hash(manifest, content)
    found = problems(ledger)
    assert len(found) == 1
    assert found[0].startswith(f"ledger/batches/{follower.name}: error: chain-broken")
    assert "this one lists k:usage:2026-01-01." in found[0]


def take_out_whole(manifests: list[Path]) -> None:
    for path in manifests[2].parents[1].rglob(f"{manifests[2].stem}.*"):
        path.unlink()


def take_out_the_manifest(manifests: list[Path]) -> None:
    manifests[2].unlink()


def take_out_the_last_manifest(manifests: list[Path]) -> None:
    manifests[-1].unlink()


def swap(manifests: list[Path]) -> None:
    first, second = manifests[1].read_bytes(), manifests[2].read_bytes()
    manifests[1].write_bytes(second)
    manifests[2].write_bytes(first)


def put_last_first(manifests: list[Path]) -> None:
    manifests[-1].rename(manifests[-1].with_name(f"0{manifests[-1].name}"))


def take_out_a_file(manifests: list[Path]) -> None:
    first_file(Project(manifests[0].parents[2]), "draws").unlink()


@pytest.mark.parametrize(
    ("change", "names", "invoice_id"),
    [
        (take_out_whole, {"chain-broken"}, "k:usage:2026-01-01:r2"),
        (
            take_out_the_manifest,
            {"chain-broken", "manifest-missing"},
            "k2:usage:2026-01-01",
        ),
        (take_out_the_last_manifest, {"manifest-missing"}, "k:usage:2026-01-01:r3"),
        (swap, {"chain-broken", "manifest-changed"}, "k2:usage:2026-01-01"),
        (put_last_first, {"chain-broken", "manifest-changed"}, "k:usage:2026-01-01:r3"),
        (take_out_a_file, {"file-missing"}, "k:usage:2026-01-01"),
    ],
)
def test_batches_cannot_be_taken_out_or_moved(
    ledger: Project, change: Callable[[list[Path]], None], names: set[str], invoice_id: str
) -> None:
    change(manifest_paths(ledger))
    found = verify(ledger).problems
    assert {problem.name for problem in found} == names
    assert any(invoice_id in problem.message for problem in found)


def test_what_proves_that_a_batch_was_taken_out_is_not_cleared_away(ledger: Project) -> None:
    take_out_the_last_manifest(manifest_paths(ledger))
    recover(ledger)
    assert "manifest-missing" in {problem.name for problem in verify(ledger).problems}


def first_file(project: Project, kind: str) -> Path:
    return sorted((project.ledger / kind).glob("*.parquet"))[0]


def rewrite(path: Path, change: str, *, keep_hash: bool) -> str:
    """Changes the first line of k's January invoice; returns its id."""
    with duckdb.connect() as connection:
        connection.execute(f"create temp table written as from read_parquet('{path}')")
        found = connection.execute(
            "select line_item_id from written where invoice_id = 'k:usage:2026-01-01'"
            " order by line_number limit 1"
        ).fetchall()
        [(line_item_id,)] = found
        connection.execute(f"update written set {change} where line_item_id = '{line_item_id}'")
        if not keep_hash:
            connection.execute("alter table written drop column row_hash")
            rows.add_row_hashes(connection, "written")
        rows.write(connection, "from written order by invoice_id, line_number", path)
    return str(line_item_id)


def rows_hash(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()


def content_hashes(project: Project, batch_id: str) -> dict[str, str]:
    relations = {
        kind: f"from read_parquet('{project.ledger / kind / batch_id}.parquet')"
        for kind in rows.INVOICE_KINDS
    }
    narrowed = {
        kind: f"select invoice_id, row_hash {relation}" for kind, relation in relations.items()
    }
    with duckdb.connect() as connection:
        query = f"{rows.content_hashes(narrowed)} order by invoice_id"
        return dict(connection.execute(query).fetchall())


def write_with_its_hash(manifest: Path, content: dict[str, Any]) -> None:
    manifest.write_text(json.dumps(content))
    batch = read_batch(manifest)
    manifest.write_text(batch.to_json())
