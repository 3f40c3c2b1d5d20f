"""How many events the listener acknowledges a second, and how long a sender waits for the answer.

Owns the load: senders on loopback, each with a connection of its own that sends 100 events at a
time, as the largest request may hold. The listener is a process of its own, as people run it. What
it has acknowledged is counted again in the landed files.
"""

from __future__ import annotations

import http.client
import signal
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.support.listening import JSON, body, listener_process, recent

from bursar.landing.manifests import read_manifests
from bursar.listener.api import INGEST_PATH
from bursar.listener.splitting import EVENTS_MAX
from bursar.project import Project

_MILLISECONDS = 1_000


def measure(folder: Path, events: int, senders: int) -> Iterator[dict[str, Any]]:
    """The figures, after the listener has landed every event once.

    Args:
        folder: An empty folder to work in.
        events: How many to send.
        senders: How many send at the same time.
    """
    bodies = [
        _body(start, min(start + EVENTS_MAX, events)) for start in range(0, events, EVENTS_MAX)
    ]
    with listener_process(folder, limits=()) as listener, ThreadPoolExecutor(senders) as pool:
        began = time.monotonic()
        shares = [bodies[sender::senders] for sender in range(senders)]
        waits = [pool.submit(_send, listener.port, share) for share in shares]
        seconds = sorted(wait for sent in waits for wait in sent.result())
        acknowledged_after = time.monotonic() - began
        code, said = listener.end(signal.SIGTERM)
        landed_after = time.monotonic() - began
    counts = [manifest.counts for manifest in read_manifests(Project(folder))]
    accepted = sum(count.accepted for count in counts)
    if code != 0 or accepted != events or sum(count.read for count in counts) != events:
        raise SystemExit(f"{events} events were acknowledged, {accepted} have landed: {said}")
    yield {
        "figure": "listener events per second",
        "events": events,
        "senders": senders,
        "value": round(events / acknowledged_after),
        "landed_per_second": round(events / landed_after),
        "accepted": accepted,
    }
    yield {
        "figure": f"answer to {EVENTS_MAX} events in milliseconds",
        "requests": len(seconds),
        "p50": _percentile(seconds, 50),
        "p99": _percentile(seconds, 99),
        "max": _percentile(seconds, 100),
    }


def _body(start: int, end: int) -> bytes:
    properties = {"model": "opus", "tokens": 1500, "region": "eu-west-1", "cached": False}
    return body(*(recent(f"txn-{n:020d}", properties=properties) for n in range(start, end)))


def _send(port: int, bodies: Sequence[bytes]) -> list[float]:
    """Sends the bodies one after the other; how long each answer took."""
    seconds = []
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for content in bodies:
        began = time.monotonic()
        connection.request("POST", INGEST_PATH, content, JSON)
        answer = connection.getresponse()
        said = answer.read()
        if answer.status != 200:
            raise SystemExit(f"answer {answer.status}: {said.decode()}")
        seconds.append(time.monotonic() - began)
    connection.close()
    return seconds


def _percentile(ordered: Sequence[float], percent: int) -> float:
    place = -(-len(ordered) * percent // 100) - 1
    return round(ordered[place] * _MILLISECONDS, 2)
