"""The core without HTTP: what is taken is durable, batched, and landed once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bursar.errors import BursarError, ExitCode
from bursar.landing import LandOptions, land
from bursar.landing.instants import datetime_to_instant, instant_to_datetime, instant_to_name
from bursar.landing.manifests import Manifest, manifest_path, read_manifests
from bursar.listener.intake import Intake, Reports, open_intake
from bursar.listener.journal import Closed, Limits, SpoolFull
from bursar.listener.outcomes import Memory, Verdict
from bursar.listener.spool import SegmentWriter, make_spool_folder
from bursar.project import Project
from tests.support.landing import landed
from tests.support.listening import WAIT_SECONDS, recent, until

LIMITS = Limits(batch_rows=100_000, batch_seconds=60.0, spool_bytes=10_000_000)


@contextmanager
def intake_of(
    root: Path, limits: Limits = LIMITS, reports: Reports | None = None
) -> Iterator[Intake]:
    with open_intake(Project(root), limits, reports or Reports()) as intake:
        yield intake
        intake.close()
        assert intake.join(WAIT_SECONDS)


def ids(root: Path) -> list[str]:
    return sorted(row["transaction_id"] for row in landed(root).accepted)


def test_what_is_taken_lands_when_the_intake_closes(tmp_path: Path) -> None:
    with intake_of(tmp_path) as intake:
        [outcome] = intake.take([recent("a")])
        assert outcome.verdict is Verdict.ACCEPTED
        assert ids(tmp_path) == []
    assert ids(tmp_path) == ["a"]
    assert list((tmp_path / "landing" / "_spool").glob("*.ndjson")) == []


def test_a_batch_ends_with_its_rows(tmp_path: Path) -> None:
    manifests: list[Manifest] = []
    limits = Limits(batch_rows=3, batch_seconds=60.0, spool_bytes=10_000_000)
    with intake_of(tmp_path, limits, Reports(landed=manifests.append)) as intake:
        for number in range(7):
            intake.take([recent(f"t{number}")])
    assert [manifest.counts.read for manifest in manifests] == [3, 3, 1]


def test_a_batch_ends_with_its_time(tmp_path: Path) -> None:
    limits = Limits(batch_rows=100_000, batch_seconds=0.05, spool_bytes=10_000_000)
    with intake_of(tmp_path, limits) as intake:
        intake.take([recent("a")])
        until(lambda: ids(tmp_path) == ["a"])
        until(lambda: intake.health().spooled_bytes == 0)


def test_many_senders_at_once_are_all_landed(tmp_path: Path) -> None:
    limits = Limits(batch_rows=50, batch_seconds=0.05, spool_bytes=10_000_000)
    with intake_of(tmp_path, limits) as intake:

        def send(sender: int) -> None:
            for number in range(10):
                intake.submit([recent(f"{sender}-{number}")] * 2).result(WAIT_SECONDS)

        threads = [threading.Thread(target=send, args=(sender,)) for sender in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(WAIT_SECONDS)
    assert ids(tmp_path) == sorted(f"{s}-{n}" for s in range(8) for n in range(10))
    assert len(landed(tmp_path).duplicates) == 80


def test_a_spool_that_is_full_takes_nothing_and_one_that_is_closed_neither(tmp_path: Path) -> None:
    limits = Limits(batch_rows=100_000, batch_seconds=60.0, spool_bytes=300)
    with intake_of(tmp_path, limits) as intake:
        intake.take([recent("a")])
        with pytest.raises(SpoolFull):
            intake.submit([recent("b"), recent("c")])
        intake.refuse()
        with pytest.raises(Closed):
            intake.submit([recent("d")])
    assert ids(tmp_path) == ["a"]


def test_two_intakes_never_share_a_spool(tmp_path: Path) -> None:
    with (
        intake_of(tmp_path),
        pytest.raises(BursarError, match="Another listener") as refused,
        intake_of(tmp_path),
    ):
        raise AssertionError
    assert refused.value.exit_code is ExitCode.WAREHOUSE_UNAVAILABLE


def test_what_an_earlier_process_has_left_lands_with_its_own_instant(tmp_path: Path) -> None:
    """Also when it was taken so long ago that landed now it would be too old."""
    then = datetime.now(UTC) - timedelta(days=40)
    leave(tmp_path, then, recent("a", timestamp=then.isoformat()), b'{"torn":')
    with intake_of(tmp_path):
        pass
    [event] = landed(tmp_path).accepted
    assert event["received_at"] == then.replace(tzinfo=None)
    assert landed(tmp_path).rejected == []


def test_a_segment_that_has_landed_already_lands_no_second_time(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    path = leave(tmp_path, now, recent("a"), b"5\n")
    land(Project(tmp_path), [str(path)], LandOptions(received_at=now))
    with intake_of(tmp_path):
        pass
    assert len(read_manifests(Project(tmp_path))) == 1
    assert not path.exists()


def test_a_landing_folder_on_another_disk_is_the_same_landing(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    (tmp_path / "disk").mkdir()
    (tmp_path / "project").mkdir()
    root = tmp_path / "project"
    (root / "landing").symlink_to(tmp_path / "disk")
    path = leave(root, now, recent("a"), b"5\n")
    land(Project(root), [str(path)], LandOptions(received_at=now))
    with intake_of(root):
        pass
    assert len(read_manifests(Project(root))) == 1
    assert not path.exists()


def test_words_that_nobody_can_hear_stop_no_landing(tmp_path: Path) -> None:
    with intake_of(tmp_path, reports=Reports(landed=deaf)) as intake:
        intake.take([recent("a")])
    assert ids(tmp_path) == ["a"]


def deaf(manifest: Manifest) -> None:
    raise BrokenPipeError


def leave(root: Path, received_at: datetime, line: bytes, rest: bytes) -> Path:
    """A segment as a process that was killed leaves it."""
    writer = SegmentWriter(make_spool_folder(Project(root)), datetime_to_instant(received_at))
    writer.append(line + b"\n" + rest, 1)
    return writer.seal().path


def test_a_landing_that_fails_is_tried_again_and_told_once(tmp_path: Path) -> None:
    problems: list[str] = []
    limits = Limits(batch_rows=1, batch_seconds=60.0, spool_bytes=10_000_000)
    with intake_of(tmp_path, limits, Reports(failed=problems.append)) as intake:
        intake.take([recent("a")])
        until(lambda: ids(tmp_path) == ["a"])
        now = instant_to_name(datetime_to_instant(datetime.now(UTC)))
        damaged = manifest_path(Project(tmp_path), f"{now}-damaged")
        damaged.write_text("{")
        intake.take([recent("b")])
        until(lambda: intake.health().problem != "")
        assert intake.health().segments_waiting == 1
        damaged.unlink()
        until(lambda: intake.health().segments_waiting == 0)
        assert intake.health().problem == ""
    assert ids(tmp_path) == ["a", "b"]
    [problem] = problems
    assert "damaged" in problem


def test_a_closing_intake_does_not_wait_for_what_cannot_land(tmp_path: Path) -> None:
    with open_intake(Project(tmp_path), LIMITS, Reports(promoted=broken)) as intake:
        intake.take([recent("a")])
        intake.close()
        assert intake.join(WAIT_SECONDS)
        assert intake.health().segments_waiting == 1
        assert "no metrics" in intake.health().problem
    with intake_of(tmp_path):
        pass
    assert ids(tmp_path) == ["a"]


def broken() -> tuple[str, ...]:
    raise ValueError("no metrics")


def test_an_id_is_remembered_for_as_long_as_landing_does() -> None:
    memory = Memory(ids_max=2)
    days = [
        datetime_to_instant(instant_to_datetime(0) + timedelta(days=day)) for day in (100, 134, 135)
    ]
    assert memory.is_first("a", days[0])
    assert not memory.is_first("a", days[1])
    assert memory.is_first("a", days[2])
    assert not memory.is_first("a", days[2])
    assert memory.is_first("b", days[2])
    assert memory.is_first("c", days[2])
    assert memory.is_first("a", days[2])
