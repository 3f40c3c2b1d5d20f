"""What a segment on disk survives, and what is left of one after a crash."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bursar.landing.instants import parse_instant
from bursar.listener.spool import Segment, SegmentWriter, left_over, make_spool_folder, remove
from bursar.project import Project

RECEIVED_AT = parse_instant("2026-02-03T04:05:06.000789Z")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_spool_folder(Project(tmp_path))


def test_a_segment_is_found_again_with_its_instant_and_size(folder: Path) -> None:
    writer = SegmentWriter(folder, RECEIVED_AT)
    writer.append(b"1\n2\n", 2)
    writer.append(b"3\n", 1)
    segment = writer.seal()
    assert segment == Segment(writer.path, RECEIVED_AT, 6)
    assert left_over(folder) == [segment]
    assert segment.path.read_bytes() == b"1\n2\n3\n"
    remove(segment)
    assert left_over(folder) == []


def test_segments_come_back_in_order_of_receipt(folder: Path) -> None:
    for instant in (RECEIVED_AT + 2, RECEIVED_AT, RECEIVED_AT + 10_000_000, RECEIVED_AT + 1):
        SegmentWriter(folder, instant).seal()
    found = [segment.received_at - RECEIVED_AT for segment in left_over(folder)]
    assert found == [0, 1, 2, 10_000_000]


@pytest.mark.parametrize(
    ("torn", "whole"),
    [
        (b"1\n2\n{", b"1\n2\n"),
        (b"{", b""),
        (b"", b""),
        (b"1\n", b"1\n"),
        (b"1\n" + b"x" * 200_000, b"1\n"),
        (b"x" * 200_000, b""),
    ],
)
def test_a_torn_last_line_is_cut_off(folder: Path, torn: bytes, whole: bytes) -> None:
    segment = SegmentWriter(folder, RECEIVED_AT).seal()
    segment.path.write_bytes(torn)
    assert left_over(folder) == [Segment(segment.path, RECEIVED_AT, len(whole))]
    assert segment.path.read_bytes() == whole


def test_other_files_are_let_alone(folder: Path) -> None:
    (folder / "notes.ndjson").write_text("mine")
    assert left_over(folder) == []
    assert (folder / "notes.ndjson").read_text() == "mine"


def test_what_could_not_be_written_whole_is_taken_back(folder: Path) -> None:
    writer = SegmentWriter(folder, RECEIVED_AT)
    writer.append(b"promised\n", 1)
    with files_of_at_most(12), pytest.raises(OSError, match="too large"):
        writer.append(b"not promised\n", 1)
    assert writer.seal().size_bytes == 9
    assert writer.path.read_bytes() == b"promised\n"


@contextmanager
def files_of_at_most(size_bytes: int) -> Iterator[None]:
    """As on a full disk, writes stop in the middle."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
