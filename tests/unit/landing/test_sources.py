from __future__ import annotations

import gzip
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from bursar.errors import BursarError, ExitCode
from bursar.landing import LandOptions, land
from bursar.landing import lines as rules
from bursar.landing.readers import ndjson
from bursar.project import Project
from tests.support.landing import RECEIVED_AT, land_lines, landed, line

OPTIONS = LandOptions(received_at=RECEIVED_AT)


def zstd(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return bytes(sink.getvalue().to_pybytes())


COMPRESSED: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda data: data,
    "gzip": gzip.compress,
    "zstd": zstd,
    "two gzip members": lambda data: gzip.compress(data[:50]) + gzip.compress(data[50:]),
    "two zstd frames": lambda data: zstd(data[:50]) + zstd(data[50:]),
}


@pytest.mark.parametrize("form", COMPRESSED)
@pytest.mark.parametrize("name", ["events.ndjson", "events.ndjson.gz", "events"])
def test_compression_is_told_by_the_content(tmp_path: Path, form: str, name: str) -> None:
    data = b"".join(line(f"t{n}") + b"\n" for n in range(20))
    (tmp_path / name).write_bytes(COMPRESSED[form](data))
    assert land(Project(tmp_path), [str(tmp_path / name)], OPTIONS).manifest.counts.accepted == 20


@pytest.mark.parametrize("form", ["gzip", "zstd"])
def test_a_torn_file_lands_nothing(tmp_path: Path, form: str) -> None:
    good = tmp_path / "good.ndjson"
    good.write_bytes(line("a"))
    torn = tmp_path / "torn.ndjson"
    torn.write_bytes(COMPRESSED[form](b"".join(line(f"t{n}") for n in range(500)))[:-20])
    with pytest.raises(BursarError, match=r"torn.ndjson cannot be read to its end"):
        land(Project(tmp_path), [str(good), str(torn)], OPTIONS)
    assert landed(tmp_path).accepted == []
    assert list((tmp_path / "landing" / "_staging").iterdir()) == []


def test_globs_and_files_are_one_batch_each_file_once(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for n in range(3):
        (inbox / f"{n}.ndjson").write_bytes(line(f"t{n}") + b"\n\n" + line(f"u{n}"))
    inputs = [str(inbox / "2.ndjson"), str(inbox / "*.ndjson")]
    manifest = land(Project(tmp_path), inputs, OPTIONS).manifest
    assert [(source.path, source.lines) for source in manifest.sources] == [
        ("inbox/2.ndjson", 2),
        ("inbox/0.ndjson", 2),
        ("inbox/1.ndjson", 2),
    ]
    assert manifest.counts.accepted == 6


def test_all_inputs_that_name_nothing_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(BursarError, match=r"nowhere.ndjson, .*none\*") as caught:
        land(Project(tmp_path), ["nowhere.ndjson", str(tmp_path / "none*"), "-"], OPTIONS)
    assert caught.value.exit_code == ExitCode.BAD_USAGE


def test_a_file_outside_the_project_is_named_in_full(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    outside = tmp_path / "outside.ndjson"
    outside.write_bytes(b"bad")
    land(Project(root), [str(outside)], OPTIONS)
    assert landed(root).rejected[0]["source_file"] == outside.as_posix()


def test_blank_lines_are_no_lines_but_are_counted_in_numbers(tmp_path: Path) -> None:
    text = b"\n \t\n" + line("a") + b"\r\n\r\nbad\r\n\x0b\n\n"
    (tmp_path / "e").write_bytes(text)
    counts = land(Project(tmp_path), [str(tmp_path / "e")], OPTIONS).manifest.counts
    assert (counts.read, counts.accepted, counts.rejected) == (3, 1, 2)
    rejects = landed(tmp_path).rejected
    assert [(row["line_number"], row["raw"]) for row in rejects] == [(5, "bad"), (6, "\x0b")]


@pytest.mark.parametrize("text", [b"", b"\n\n", b"\xef\xbb\xbf", b" \r\n"])
def test_a_file_without_lines_is_an_empty_batch(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "e").write_bytes(text)
    manifest = land(Project(tmp_path), [str(tmp_path / "e")], OPTIONS).manifest
    assert manifest.counts.read == 0
    assert manifest.files == ()


def test_a_byte_order_mark_at_the_start_of_a_file_is_ignored(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + line(name))
    inputs = [str(tmp_path / "a"), str(tmp_path / "b")]
    assert land(Project(tmp_path), inputs, OPTIONS).manifest.counts.accepted == 2


def test_a_line_that_is_not_utf_8_keeps_its_bytes(tmp_path: Path) -> None:
    text = line("a").replace(b"acme", b"ac\xff\xfeme")
    land_lines(tmp_path, [line("b"), text, b"\x00\x01"])
    first, second = landed(tmp_path).rejected
    assert first["detail"] == f"not UTF-8 at byte {text.index(0xFF) + 1}"
    assert first["raw_bytes"] == text
    assert "ac\\xff\\xfeme" in first["raw"]
    assert (second["raw"], second["raw_bytes"]) == ("\x00\x01", None)
    assert len(landed(tmp_path).accepted) == 1


@pytest.mark.parametrize("block", [7, 64, 1000])
def test_lines_are_whole_however_the_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(ndjson, "_BLOCK_BYTES", block)
    lines = [line(f"t{n}", properties={"k": "x" * n}) for n in range(40)]
    (tmp_path / "e").write_bytes(b"\xef\xbb\xbf" + b"\r\n".join(lines))
    manifest = land(Project(tmp_path), [str(tmp_path / "e")], OPTIONS).manifest
    assert (manifest.counts.read, manifest.counts.accepted) == (40, 40)


@pytest.mark.parametrize("block", [10, 100])
def test_a_line_beyond_the_limit_is_rejected_and_its_beginning_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    good = line("b")
    for module in (ndjson, rules):
        monkeypatch.setattr(module, "LINE_BYTES_MAX", len(good))
    monkeypatch.setattr(ndjson, "_BLOCK_BYTES", block)
    long = line("a", properties={"n": "x" * 500})
    report = land_lines(tmp_path, [good, long, line("c")])
    assert report.manifest.counts.accepted == 2
    [row] = landed(tmp_path).rejected
    assert (row["reason"], row["line_number"]) == ("too_long", 2)
    assert row["raw"] == long[: len(good)].decode()
    assert row["detail"].startswith(f"the line has {len(long)} bytes")


def test_standard_input_is_read_to_its_end(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from bursar.project import Project;"
        "from bursar.landing import *; from datetime import *;"
        "land(Project(Path(sys.argv[1])), ['-'], LandOptions(datetime(2026, 2, 3)))"
    )
    data = gzip.compress(line("a") + b"\n" + line("b"))
    source = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3] / "src")}
    command = [sys.executable, "-c", program, str(tmp_path)]
    subprocess.run(command, input=data, check=True, env=source)
    assert [row["transaction_id"] for row in landed(tmp_path).accepted] == ["a", "b"]
