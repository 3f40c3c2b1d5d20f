"""A disk that is really full, before and in the midst of everything that writes to it."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bursar.errors import BursarError
from bursar.landing import LandOptions, land
from bursar.landing.compact import CompactOptions, compact
from bursar.landing.compactions import event_files, read_compactions
from bursar.landing.manifests import read_manifests
from bursar.project import Project
from tests.support.books import accepted_events, check_batches, check_nothing_superfluous
from tests.support.landing import RECEIVED_AT, land_lines, landed, line
from tests.support.listening import listening, recent, until
from tests.support.small_disk import SmallDisk, full_from, small_disk

# Everything is written before the manifest is moved: after that a full disk stops nothing.
LANDING_POINTS = (
    "locked",
    "chunk-staged",
    "all-staged",
    "synced",
    "manifest-written",
    "manifest-staged",
    "file-moved",
    "all-files-moved",
)
COMPACTION_POINTS = ("locked", "day-merged", "all-staged", "manifest-staged", "all-files-moved")
EVENTS = 30


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    with small_disk(folder) as mounted:
        yield mounted


@pytest.fixture
def source(tmp_path: Path) -> str:
    """A file on another disk: events of three days, one repeated, and a line that is none."""
    lines = [line(f"t{n}", timestamp=f"2026-02-0{1 + n % 3}T00:00:00Z") for n in range(EVENTS)]
    path = tmp_path / "usage.ndjson"
    path.write_bytes(b"\n".join([*lines, lines[0], b"bad"]))
    return str(path)


def land_source(disk: SmallDisk, source: str) -> None:
    land(Project(disk.project), [source], LandOptions(received_at=RECEIVED_AT))


def check_refused(disk: SmallDisk, error: BursarError, what: str) -> None:
    """The words name the disk and what to do; nothing of the attempt can be seen."""
    landing = re.escape(str(disk.project / "landing"))
    assert re.search(rf"{what}.*no space left on the disk of {landing}, where 0 MB", error.message)
    assert (
        error.remedy == f"Make room on the disk of {disk.project / 'landing'}, and run this again."
    )
    assert "nothing" in error.message.lower() or "no event is changed" in error.message.lower()


def check_landed_once(disk: SmallDisk) -> None:
    [manifest] = check_batches(disk.project)
    counts = manifest.counts
    assert (counts.read, counts.accepted, counts.duplicate, counts.rejected) == (32, 30, 1, 1)
    assert len(accepted_events(disk.project)) == EVENTS
    check_nothing_superfluous(disk.project)


def test_a_disk_that_is_full_already_takes_nothing(disk: SmallDisk, source: str) -> None:
    disk.fill()
    with pytest.raises(BursarError) as caught:
        land_source(disk, source)
    check_refused(disk, caught.value, "Nothing was landed")
    disk.make_room()
    land_source(disk, source)
    check_landed_once(disk)


@pytest.mark.parametrize("point", LANDING_POINTS)
def test_a_disk_that_fills_while_landing_takes_nothing(
    disk: SmallDisk, source: str, point: str
) -> None:
    with full_from(disk, point):
        with pytest.raises(BursarError) as caught:
            land_source(disk, source)
        assert read_manifests(Project(disk.project)) == []
        check_refused(disk, caught.value, "")
    assert list((disk.project / "landing").rglob("*.parquet")) == []
    land_source(disk, source)
    check_landed_once(disk)


@pytest.mark.parametrize("point", ["manifest-moved", "committed", "cleaned"])
def test_a_disk_that_fills_after_the_commit_stops_nothing(
    disk: SmallDisk, source: str, point: str
) -> None:
    with full_from(disk, point):
        land_source(disk, source)
        check_landed_once(disk)


def test_a_batch_larger_than_the_disk_lands_once_there_is_room(
    disk: SmallDisk, tmp_path: Path
) -> None:
    """Some 8 MB of digits that do not compress."""
    digits = random.Random(20260203)
    lines = [line(f"t{n}", properties={"n": str(digits.getrandbits(8_000))}) for n in range(8_000)]
    path = tmp_path / "large.ndjson"
    path.write_bytes(b"\n".join(lines))
    with pytest.raises(BursarError, match="no space left on the disk"):
        land_source(disk, str(path))
    assert list((disk.project / "landing").rglob("*.parquet")) == []
    path.write_bytes(b"\n".join(lines[:100]))
    land_source(disk, str(path))
    assert len(landed(disk.project).accepted) == 100


@pytest.mark.parametrize("point", COMPACTION_POINTS)
def test_a_disk_that_fills_while_compacting_changes_no_event(
    disk: SmallDisk, source: str, point: str
) -> None:
    land_source(disk, source)
    land_lines(disk.project, [line("new", timestamp="2026-02-01T00:00:00Z")])
    project = Project(disk.project)
    before = accepted_events(disk.project)
    options = CompactOptions(now=RECEIVED_AT + timedelta(days=1))
    with full_from(disk, point):
        with pytest.raises(BursarError) as caught:
            compact(project, options)
        check_refused(disk, caught.value, "")
        assert read_compactions(project) == []
        assert accepted_events(disk.project) == before
    compact(project, options)
    assert accepted_events(disk.project) == before
    assert len(event_files(project)) == 3


def landed_ids(disk: SmallDisk) -> list[str]:
    return [row["transaction_id"] for row in landed(disk.project).accepted]


def test_a_listener_on_a_full_disk_acknowledges_nothing_that_it_does_not_keep(
    disk: SmallDisk,
) -> None:
    with listening(disk.project, batch_seconds=0.1) as listener:
        assert listener.post(recent("before")).status == 200
        disk.fill()
        # A file system may have some bytes left in a block of the spool: not for all of these.
        refused = [listener.post(recent(f"t{n}", properties={"n": "9" * 5_000})) for n in range(3)]
        assert [answer.status for answer in refused] == [503, 503, 503]
        assert "No space left on device" in refused[0].content["error"]
        disk.make_room()
        until(lambda: listener.post(recent("after")).status == 200)
        assert listener.post(recent("t0")).status == 200
        until(lambda: {"before", "after", "t0"} <= set(landed_ids(disk)))
        listener.stop()
    ids = landed_ids(disk)
    assert len(ids) == len(set(ids))
    check_batches(disk.project)
    assert list((disk.project / "landing" / "_spool").glob("*.ndjson")) == []


def test_a_listener_lands_what_it_acknowledged_before_the_disk_was_full(disk: SmallDisk) -> None:
    with listening(disk.project, batch_seconds=0.2) as listener:
        assert listener.post(*(recent(f"t{n}") for n in range(50))).status == 200
        disk.fill()
        until(lambda: bool(listener.failed))
        assert "no space left on the disk" in listener.failed[0]
        disk.make_room()
        until(lambda: len(landed_ids(disk)) == 50)
        listener.stop()
    check_batches(disk.project)
