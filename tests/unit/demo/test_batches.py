"""The demo's events: always the same, and with something of everything that can go wrong."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bursar.demo import AS_OF
from bursar.demo.batches import Batch, make_batches, write_batches
from bursar.demo.company import CUSTOMERS, MODELS, STRANGERS
from bursar.landing.lines import Bounds, Event, Reason, judge_line
from bursar.scaffold.new_project import demo_files


@pytest.fixture(scope="module")
def batches() -> list[Batch]:
    return make_batches()


@pytest.fixture(scope="module")
def events(batches: list[Batch]) -> list[dict[str, Any]]:
    found = []
    for batch in batches:
        for line in batch.lines:
            try:
                fields = json.loads(line)
            except json.JSONDecodeError:
                continue
            if isinstance(fields, dict) and isinstance(fields.get("properties"), dict):
                found.append(fields)
    return found


def test_the_same_events_come_out_every_time(batches: list[Batch]) -> None:
    assert make_batches() == batches


def test_the_files_are_the_same_to_the_byte(tmp_path: Path) -> None:
    first = {path.name: path.read_bytes() for path, _ in write_batches(tmp_path / "first")}
    second = {path.name: path.read_bytes() for path, _ in write_batches(tmp_path / "second")}
    assert first == second
    assert any(
        gzip.decompress(text).count(b"\n") > 10_000
        for name, text in first.items()
        if name.endswith(".gz")
    )


def test_the_demo_is_big_enough_to_look_real_and_small_enough_to_build_at_once(
    batches: list[Batch],
) -> None:
    assert 60_000 <= sum(len(batch.lines) for batch in batches) <= 100_000


def test_batches_arrive_in_order_and_before_the_demos_instant(batches: list[Batch]) -> None:
    instants = [batch.received_at for batch in batches]
    assert instants == sorted(instants)
    assert instants[-1] < AS_OF


def test_lines_of_every_reason_are_rejected_and_no_others(batches: list[Batch]) -> None:
    reasons: Counter[Reason] = Counter()
    for batch in batches:
        bounds = _bounds(batch)
        for line in batch.lines:
            judged = judge_line(line.encode(), bounds)
            if not isinstance(judged, Event):
                reasons[judged.reason] += 1
    assert set(reasons) == set(Reason)
    assert reasons.total() < 100


def _bounds(batch: Batch) -> Bounds:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)

    def microseconds(instant: datetime) -> int:
        return (instant - epoch) // timedelta(microseconds=1)

    oldest = epoch if batch.is_backfill else batch.received_at - timedelta(days=34)
    return Bounds(microseconds(oldest), microseconds(batch.received_at + timedelta(days=1)))


def test_some_events_are_sent_twice_and_some_with_another_content(
    events: list[dict[str, Any]],
) -> None:
    contents: dict[str, list[str]] = {}
    for event in events:
        contents.setdefault(event.get("transaction_id", ""), []).append(json.dumps(event))
    repeated = [texts for texts in contents.values() if len(texts) > 1]
    assert any(len(set(texts)) == 1 for texts in repeated)
    assert any(len(set(texts)) > 1 for texts in repeated)


def test_some_events_are_of_nobody_we_know_and_some_sent_under_an_alias(
    events: list[dict[str, Any]],
) -> None:
    senders = {event.get("customer_id") for event in events}
    assert senders.issuperset(STRANGERS)
    assert senders.issuperset(_catalog_column("customer_aliases", "ingest_alias"))


def test_every_customer_is_in_the_catalog() -> None:
    assert {c.customer_id for c in CUSTOMERS} == _catalog_column("customers", "customer_id")


def test_some_values_find_no_price_and_some_are_no_numbers(events: list[dict[str, Any]]) -> None:
    requests = [e["properties"] for e in events if e.get("event_type") == "llm_usage"]
    assert any(p.get("model") not in MODELS for p in requests)
    assert any("region" not in p for p in requests)
    assert any(p.get("input_tokens") == "1,204" for p in requests)


def test_nights_and_weekends_are_quiet(events: list[dict[str, Any]]) -> None:
    american = [
        datetime.fromisoformat(event["timestamp"])
        for event in events
        if event.get("customer_id") == "meridian_air" and event["event_type"] == "llm_usage"
    ]
    by_hour = Counter((at - timedelta(hours=6)).hour for at in american)
    by_weekday = Counter(at.weekday() for at in american)
    assert by_hour[3] * 4 < by_hour[11]
    assert by_weekday[6] * 3 < by_weekday[2] * 2


def test_a_few_customers_are_most_of_the_traffic(events: list[dict[str, Any]]) -> None:
    by_customer = Counter(event.get("customer_id") for event in events)
    largest = sum(count for _, count in by_customer.most_common(10))
    assert largest > sum(by_customer.values()) // 2
    assert min(by_customer[c] for customer in CUSTOMERS for c in customer.ids) > 50


def _catalog_column(relation: str, column: str) -> set[str]:
    with (demo_files() / "seeds" / f"{relation}.csv").open(encoding="utf-8") as file:
        return {row[column] for row in csv.DictReader(file)}
