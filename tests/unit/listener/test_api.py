"""Every answer that a sender can get, over real HTTP."""

from __future__ import annotations

import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bursar.landing.lock import landing_lock
from bursar.listener.api import BODY_BYTES_MAX
from bursar.listener.spool import spool_folder
from tests.support.landing import landed, line
from tests.support.listening import JSON, Listener, body, listening, recent, request, until

TOKEN = "0123456789abcdef"


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    with listening(tmp_path) as started:
        yield started


def test_each_event_gets_its_outcome_and_lands_with_it(listener: Listener) -> None:
    answer = listener.post(
        recent("a", properties={"n": 1}),
        recent("a", properties={"n": 1}),
        line("b", timestamp="2020-01-01T00:00:00Z"),
        recent("c", customer_id=None),
        b"17",
    )
    assert answer.status == 200
    assert {name: answer.content[name] for name in ("accepted", "duplicate", "rejected")} == {
        "accepted": 1,
        "duplicate": 1,
        "rejected": 3,
    }
    old, missing, number = answer.content["events"][2:]
    assert answer.content["events"][:2] == [
        {"index": 0, "outcome": "accepted", "transaction_id": "a"},
        {"index": 1, "outcome": "duplicate", "transaction_id": "a"},
    ]
    assert (old["reason"], missing["reason"]) == ("too_old", "missing_field")
    assert missing["detail"] == "customer_id"
    assert number == {
        "index": 4,
        "outcome": "rejected",
        "reason": "malformed",
        "detail": "not a JSON object",
    }
    listener.stop()
    [manifest] = listener.landed
    found = landed(listener.project.root)
    assert [row["transaction_id"] for row in found.accepted] == ["a"]
    assert [row["reason"] for row in found.rejected] == ["too_old", "missing_field", "malformed"]
    assert [row["detail"] for row in found.rejected] == [
        event["detail"] for event in answer.content["events"][2:]
    ]
    assert [row["raw"] for row in found.rejected][2] == "17"
    assert manifest.received_at == answer.content["received_at"]
    assert manifest.counts.read == 5


def test_digits_land_as_they_were_written(listener: Listener) -> None:
    numbers = b'{"a": 0.10, "b": 12345678901234567890.5, "c": 1E+2, "d": [1.0,\n 2.50]}'
    text = recent("t", properties="here").replace(b'"here"', numbers)
    assert listener.post(text).outcomes == ["accepted"]
    listener.stop()
    [event] = landed(listener.project.root).accepted
    assert event["properties"] == {
        "a": "0.10",
        "b": "12345678901234567890.5",
        "c": "1E+2",
        "d": "[1.0,  2.50]",
    }


def test_an_answered_event_is_on_disk(listener: Listener) -> None:
    event = recent("t")
    listener.post(event)
    [segment] = spool_folder(listener.project).glob("*.ndjson")
    assert segment.read_bytes() == event + b"\n"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"nonsense", "The body is not JSON: Expecting value at character 1."),
        (b"{}", "The body is not a JSON array; send one event as an array of one."),
        (b"[]", "The body is an empty array: there is nothing to take."),
        (body(*[b"1"] * 101), "The body is an array of 101, and 100 at most are taken at once."),
    ],
)
def test_a_body_that_is_no_batch_is_400(listener: Listener, content: bytes, words: str) -> None:
    answer = request(listener.port, content=content)
    assert (answer.status, answer.content) == (400, {"error": words})


def test_without_the_token_it_is_401(tmp_path: Path) -> None:
    with listening(tmp_path, token=TOKEN) as listener:
        assert listener.post(recent("a")).status == 401
        for shown in ("Bearer wrong", f"Basic {TOKEN}", TOKEN):
            answer = request(
                listener.port, content=body(recent("a")), headers={**JSON, "Authorization": shown}
            )
            assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
        headers = {**JSON, "Authorization": f"Bearer {TOKEN}"}
        answer = request(listener.port, content=body(recent("a")), headers=headers)
        assert answer.outcomes == ["accepted"]


def test_a_large_body_is_413_before_it_is_read(listener: Listener) -> None:
    with socket.create_connection(("127.0.0.1", listener.port), timeout=10) as connection:
        connection.sendall(
            b"POST /v1/ingest HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n[" % (BODY_BYTES_MAX + 1)
        )
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_body_that_grows_too_large_is_413(listener: Listener) -> None:
    with socket.create_connection(("127.0.0.1", listener.port), timeout=10) as connection:
        connection.sendall(
            b"POST /v1/ingest HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
        for _ in range(BODY_BYTES_MAX // 65_536 + 1):
            connection.sendall(chunk)
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_the_largest_body_is_taken(listener: Listener) -> None:
    event = body(recent("a"))
    answer = request(listener.port, content=event + b" " * (BODY_BYTES_MAX - len(event)))
    assert answer.outcomes == ["accepted"]


@pytest.mark.parametrize(
    "headers",
    [{}, {"Content-Type": "text/plain"}, {**JSON, "Content-Encoding": "gzip"}],
)
def test_other_types_are_415(listener: Listener, headers: dict[str, str]) -> None:
    assert request(listener.port, content=body(recent("a")), headers=headers).status == 415


def test_a_type_with_a_character_set_is_the_type(listener: Listener) -> None:
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    answer = request(listener.port, content=body(recent("a")), headers=headers)
    assert answer.status == 200


def test_other_paths_and_methods_are_404_and_405(listener: Listener) -> None:
    assert request(listener.port, "GET", "/").content == {
        "error": "There is nothing here; send events to POST /v1/ingest."
    }
    assert request(listener.port, "GET", "/").status == 404
    answer = request(listener.port, "GET")
    assert (answer.status, answer.headers["allow"]) == (405, "POST")


def test_a_full_spool_is_429_until_it_is_landed(tmp_path: Path) -> None:
    with listening(tmp_path, batch_rows=1, spool_bytes=1_000) as listener:
        with landing_lock(listener.project.landing):
            events = iter(range(100))
            answers = [listener.post(recent(f"t{next(events)}")) for _ in range(10)]
            taken = [answer for answer in answers if answer.status == 200]
            assert 0 < len(taken) < 10
            assert answers[-1].status == 429
            assert int(answers[-1].headers["retry-after"]) > 0
            assert request(listener.port, "GET", "/healthz").content["spooled_bytes"] <= 1_000
        until(lambda: listener.intake.health().spooled_bytes == 0)
        assert listener.post(recent("late")).status == 200
        listener.stop()
    assert len(landed(tmp_path).accepted) == len(taken) + 1


def test_a_listener_that_stops_is_503(listener: Listener) -> None:
    assert request(listener.port, "GET", "/healthz").content["status"] == "ok"
    listener.intake.refuse()
    answer = listener.post(recent("a"))
    assert answer.status == 503
    assert "stopping" in answer.content["error"]
    assert "retry-after" in answer.headers
    assert request(listener.port, "GET", "/healthz").status == 503


def test_a_spool_that_cannot_be_written_is_503_and_not_for_ever(listener: Listener) -> None:
    folder = spool_folder(listener.project)
    shutil.rmtree(folder)
    answer = listener.post(recent("a"))
    assert (answer.status, answer.content["error"]) == (
        503,
        "The events could not be written (No such file or directory); send these again.",
    )
    folder.mkdir()
    assert listener.post(recent("a")).outcomes == ["accepted"]


def test_a_sender_that_hangs_up_takes_nothing_down(listener: Listener) -> None:
    with socket.create_connection(("127.0.0.1", listener.port), timeout=10) as connection:
        connection.sendall(
            b"POST /v1/ingest HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
            b"Content-Length: 1000\r\n\r\n["
        )
        time.sleep(0.1)
    assert listener.post(recent("a")).outcomes == ["accepted"]
