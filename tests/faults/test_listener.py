"""A listener that is really killed: what it has acknowledged is landed, once."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import threading
import time
from pathlib import Path

import pytest

from bursar.landing import faults
from bursar.landing.lock import landing_lock
from bursar.landing.manifests import read_manifests
from bursar.project import Project
from tests.support.landing import landed, line
from tests.support.listening import JSON, body, listener_process, recent, request, until

# A longer run: BURSAR_SOAK=1 pytest tests/faults/test_listener.py
IS_SOAK = bool(os.environ.get("BURSAR_SOAK"))
EVENTS = 60_000 if IS_SOAK else 5_000
KILLS = 30 if IS_SOAK else 6
SENDERS = 4
A_REQUEST = 50
RUN_SECONDS_MAX = 1_200 if IS_SOAK else 120
LISTENER_POINTS = ("spooled", "segment-landed")


@pytest.mark.parametrize("point", [*LISTENER_POINTS, *faults.POINTS])
def test_a_listener_killed_at_any_point_lands_everything_once(tmp_path: Path, point: str) -> None:
    events = (recent("a"), recent("a"), recent("b"), line("old", timestamp="2001-01-01T00:00:00Z"))
    with listener_process(tmp_path) as first:  # which makes the spool's folder
        assert first.end(signal.SIGTERM)[0] == 0
    with listener_process(tmp_path, fault=point) as killed:
        if point in ("spooled", "synced"):  # before the answer
            with pytest.raises(OSError, match=r"reset|closed connection|Broken pipe"):
                request(killed.port, content=body(*events))
        else:
            assert request(killed.port, content=body(*events)).status == 200
        assert killed.process.wait(30) == -signal.SIGKILL
    with listener_process(tmp_path) as started:
        if point == "synced":  # nothing was kept yet, and nothing acknowledged: senders repeat it
            assert request(started.port, content=body(*events)).status == 200
        assert started.end(signal.SIGTERM)[0] == 0
    found = landed(tmp_path)
    assert sorted(row["transaction_id"] for row in found.accepted) == ["a", "b"]
    assert [row["transaction_id"] for row in found.duplicates] == ["a"]
    assert [row["reason"] for row in found.rejected] == ["too_old"]
    assert len(read_manifests(Project(tmp_path))) == 1
    check_nothing_is_left(tmp_path)


@pytest.mark.timeout(RUN_SECONDS_MAX + 60)
def test_every_acknowledged_event_lands_once_whenever_it_is_killed(tmp_path: Path) -> None:
    """Senders repeat what was not acknowledged, as senders do, against a listener that dies."""
    load = Load()
    seconds = random.Random(20260203)
    limits = ("--batch-rows", "400", "--batch-seconds", "0.3")
    kills = 0
    try:
        for run in range(KILLS + 1):
            with listener_process(tmp_path, limits=limits) as started:
                load.port = started.port
                if run == 0:
                    load.start()
                if run < KILLS and not load.is_done:
                    time.sleep(seconds.uniform(0.05, 0.8))
                    started.process.kill()
                    assert started.process.wait(30) == -signal.SIGKILL
                    kills += 1
                else:
                    load.join()
                    assert started.end(signal.SIGTERM)[0] == 0
                    break
    finally:
        load.stop()
    assert kills >= KILLS // 2
    check_load(tmp_path, load)


def test_a_stop_under_load_lands_what_was_acknowledged(tmp_path: Path) -> None:
    load = Load()
    try:
        with listener_process(tmp_path) as started:
            load.port = started.port
            load.start()
            until(lambda: len(load.accepted) >= 500)
            code, said = started.end(signal.SIGINT)
    finally:
        load.stop()
    assert code == 130, said
    assert "Everything that was taken is landed." in said
    ids = [row["transaction_id"] for row in landed(tmp_path).accepted]
    assert len(ids) == len(set(ids))
    assert load.accepted <= set(ids)
    check_nothing_is_left(tmp_path)


def test_another_lander_makes_the_listener_wait_and_not_refuse(tmp_path: Path) -> None:
    with listener_process(tmp_path) as started:
        with landing_lock(tmp_path / "landing"):
            assert request(started.port, content=body(recent("a"))).status == 200
            time.sleep(0.5)
            assert request(started.port, content=body(recent("b"))).status == 200
            assert landed(tmp_path).accepted == []
        assert started.end(signal.SIGTERM)[0] == 0
    ids = sorted(row["transaction_id"] for row in landed(tmp_path).accepted)
    assert ids == ["a", "b"]
    check_nothing_is_left(tmp_path)


def test_a_stop_that_cannot_land_says_so_and_loses_nothing(tmp_path: Path) -> None:
    with listener_process(tmp_path) as started:
        with landing_lock(tmp_path / "landing"):
            assert request(started.port, content=body(recent("a"))).status == 200
            code, said = started.end(signal.SIGTERM)
        assert code == 3
        assert "in the spool and not landed" in said
    with listener_process(tmp_path) as started:
        assert started.end(signal.SIGTERM)[0] == 0
    assert [row["transaction_id"] for row in landed(tmp_path).accepted] == ["a"]


def test_a_second_signal_ends_the_wait(tmp_path: Path) -> None:
    with listener_process(tmp_path) as started, landing_lock(tmp_path / "landing"):
        assert request(started.port, content=body(recent("a"))).status == 200
        started.process.send_signal(signal.SIGINT)
        time.sleep(1)
        beginning = time.monotonic()
        code, said = started.end(signal.SIGINT)
    assert code == 3
    assert "the listener was stopped before" in said
    assert time.monotonic() - beginning < 3


def test_an_answer_does_not_wait_for_the_sender(tmp_path: Path) -> None:
    """Two writes and a delayed acknowledgement would make 40 ms of each answer."""
    seconds = []
    with listener_process(tmp_path) as started:
        connection = http.client.HTTPConnection("127.0.0.1", started.port, timeout=10)
        for number in range(41):
            beginning = time.monotonic()
            connection.request("POST", "/v1/ingest", body(recent(f"t{number}")), JSON)
            assert connection.getresponse().read()
            seconds.append(time.monotonic() - beginning)
        connection.close()
    assert sorted(seconds)[20] < 0.03


def check_load(root: Path, load: Load) -> None:
    found = landed(root)
    ids = [row["transaction_id"] for row in found.accepted]
    expected = {f"t{number}" for number in range(EVENTS)}
    assert load.accepted == expected
    assert len(ids) == len(expected)
    assert set(ids) == expected
    # Sent again, a duplicate is the same event; a reject may stand as often as it was sent.
    assert not any(row["is_conflicting"] for row in found.duplicates)
    assert {row["raw"] for row in found.rejected} == load.rejected
    check_nothing_is_left(root)


def check_nothing_is_left(root: Path) -> None:
    assert list((root / "landing" / "_spool").glob("*.ndjson")) == []
    for manifest in read_manifests(Project(root)):
        counts = manifest.counts
        assert counts.read == counts.accepted + counts.duplicate + counts.rejected


class Load:
    """Senders that share the events, each sending a request until it is acknowledged."""

    def __init__(self) -> None:
        self.port = 0
        self.accepted: set[str] = set()
        self.rejected: set[str] = set()
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=self._send, args=(sender,)) for sender in range(SENDERS)
        ]

    @property
    def is_done(self) -> bool:
        return not any(thread.is_alive() for thread in self._threads)

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join(RUN_SECONDS_MAX)

    def stop(self) -> None:
        self._stopped.set()
        self.join()

    def _send(self, sender: int) -> None:
        deadline = time.monotonic() + RUN_SECONDS_MAX
        for start in range(sender * A_REQUEST, EVENTS, SENDERS * A_REQUEST):
            events = [recent(f"t{n}") for n in range(start, min(start + A_REQUEST, EVENTS))]
            content = body(*events, f'"not an event {start}"'.encode())
            while not self._stopped.is_set() and time.monotonic() < deadline:
                if self._is_acknowledged(content):
                    break
                time.sleep(0.05)
            # So that kills meet the load, however fast the machine is.
            time.sleep(0.12)

    def _is_acknowledged(self, content: bytes) -> bool:
        try:
            answer = request(self.port, content=content, headers=JSON)
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            return False
        if answer.status != 200:
            return False
        *events, text = answer.content["events"]
        assert {event["outcome"] for event in events} <= {"accepted", "duplicate"}
        assert text["reason"] == "malformed"
        self.accepted.update(event["transaction_id"] for event in events)
        self.rejected.add(json.dumps(json.loads(content)[-1]))
        return True
