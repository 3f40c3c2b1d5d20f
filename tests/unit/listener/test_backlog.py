"""What waits in the spool, as people are told."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bursar.landing.instants import instant_to_datetime, parse_instant
from bursar.landing.lock import landing_lock
from bursar.listener.backlog import Backlog, backlog
from bursar.listener.spool import SegmentWriter, make_spool_folder, spool_folder
from bursar.project import Project
from tests.support.landing import land_lines, line
from tests.support.listening import listening, recent

SINCE = parse_instant("2026-02-03T04:05:06Z")
SINCE_AS_TIME = instant_to_datetime(SINCE)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def spooled(project: Project, received_at: int, content: bytes) -> Path:
    writer = SegmentWriter(make_spool_folder(project), received_at)
    writer.append(content, content.count(b"\n"))
    return writer.seal().path


def test_without_a_spool_nothing_waits(project: Project) -> None:
    assert backlog(project) == Backlog(0, None)
    assert not spool_folder(project).exists()


def test_whole_lines_are_counted_and_the_oldest_told(project: Project) -> None:
    spooled(project, SINCE + 60_000_000, line("c") + b"\n")
    torn = line("a") + b"\n" + line("b") + b"\n" + b'{"transaction_id'
    path = spooled(project, SINCE, torn)
    assert backlog(project) == Backlog(3, SINCE_AS_TIME)
    assert path.read_bytes() == torn


def test_a_segment_without_a_line_does_not_wait(project: Project) -> None:
    spooled(project, SINCE, b"")
    assert backlog(project) == Backlog(0, None)


def test_a_segment_that_has_landed_does_not_wait(project: Project) -> None:
    path = spooled(project, SINCE, line("a") + b"\n")
    name = project.relative(path)
    land_lines(project.root, [line("a")], received_at=SINCE_AS_TIME, name=name)
    assert path.exists()
    assert backlog(project) == Backlog(0, None)


def test_it_can_be_asked_while_a_listener_takes_and_lands(tmp_path: Path) -> None:
    with listening(tmp_path) as listener:
        with landing_lock(listener.project.landing):
            assert listener.post(recent("a"), recent("b")).status == 200
            found = backlog(listener.project)
            assert found.events == 2
            assert found.oldest_at is not None
        listener.stop()
        assert backlog(listener.project) == Backlog(0, None)


@pytest.mark.parametrize(
    ("events", "after", "words"),
    [
        (1, timedelta(seconds=1), "1 event waits to be landed, the oldest for 1 second"),
        (2, timedelta(seconds=119), "2 events wait to be landed, the oldest for 119 seconds"),
        (1_200, timedelta(minutes=2), "1,200 events wait to be landed, the oldest for 2 minutes"),
        (2, timedelta(hours=47), "2 events wait to be landed, the oldest for 47 hours"),
        (2, timedelta(days=3), "2 events wait to be landed, the oldest for 3 days"),
        (2, timedelta(seconds=-5), "2 events wait to be landed, the oldest for 0 seconds"),
    ],
)
def test_how_long_it_waits_is_told_in_words(events: int, after: timedelta, words: str) -> None:
    assert Backlog(events, SINCE_AS_TIME).in_words(SINCE_AS_TIME + after) == words


def test_nothing_is_told_in_words_too() -> None:
    assert Backlog(0, None).in_words(SINCE_AS_TIME) == "nothing waits to be landed"
