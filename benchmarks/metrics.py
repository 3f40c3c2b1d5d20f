"""Compiled metrics against the set-based SQL that a person would write by hand, in the same run.

Owns the events, the scopes and the runs. The queries of both hands are in
``benchmarks.metric_queries``. Both read the same Parquet files and write a table, in turn, round
after round, and their rows are compared. The figure that travels is the median ratio. The person
takes the same texts for numbers as Bursar does; `against_cast` is the ratio to one who leaves that
to the engine's cast.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.metric_queries import BY_CAST, BY_RULE, QUERIES, Query
from bursar.errors import Severity
from bursar.metrics.compiler import compile_metrics
from bursar.metrics.definition import CompiledMetric
from bursar.metrics.models import events_model
from bursar.metrics.observed import Observed
from bursar.metrics.problems import Source
from bursar.metrics.rendering import render
from bursar.warehouse.type_oracle import TypeOracle

MEMORY_LIMIT = "8GB"
WINDOWS_A_CUSTOMER = 4
_EVENTS = """
copy (
    select
        'txn-' || lpad(n::varchar, 12, '0') as transaction_id,
        'customer-' || (hash(n) % {customers})::varchar as customer_id,
        case when n % 20 < 14 then 'llm' when n % 20 < 19 then 'embed' else 'error' end
            as event_type,
        timestamp '2026-01-01' + to_microseconds((hash(n, 1) % 2419200000000)::bigint)
            as "timestamp",
        timestamp '2026-02-01' as received_at,
        (hash(n, 2) % 5000)::varchar || case when n % 3 = 0 then '.5' else '' end as p_tokens,
        ['opus', 'sonnet', 'haiku', 'small', 'large', 'tiny'][(1 + hash(n, 3) % 6)::int] as p_model,
        'user-' || (hash(n, 4) % 50)::varchar as p_user,
        'request-' || (n // 2)::varchar as p_request
    from range({events}) as made(n)
    order by "timestamp"::date, event_type, customer_id, "timestamp"
) to '{path}' (format parquet, compression zstd)
"""


def measure(folder: Path, events: int, scopes: int, rounds: int) -> Iterator[dict[str, Any]]:
    """One figure a query, and the median of their ratios.

    Args:
        folder: An empty folder to work in.
        events: How many events.
        scopes: How many customers' weeks.
        rounds: How often each query of each hand runs; the first round is not counted.
    """
    connection = duckdb.connect(
        str(folder / "metrics.duckdb"),
        config={"memory_limit": MEMORY_LIMIT, "temp_directory": str(folder / "spilled")},
    )
    _make(connection, folder / "events.parquet", events, scopes)
    scale = {"events": events, "scopes": scopes}
    yield {"figure": "seconds to check 200 metrics", **_check(200)}
    ratios = []
    for name, query in QUERIES.items():
        metric, codes = _compiled(name, query)
        if metric is None:
            yield {"figure": name, **scale, "value": None, "refused": sorted(codes)}
            continue
        found = _ratio(connection, metric, query, rounds)
        ratios.append(found["value"])
        yield {"figure": name, **scale, **found}
    median = round(statistics.median(ratios), 3)
    yield {"figure": "median compiled to hand-written", **scale, "value": median}


def _check(count: int) -> dict[str, Any]:
    """Compiles many metrics, no two alike, in one process, as `metric check --no-proof` does."""
    queries = list(QUERIES.items())
    texts = [
        (f"{name}_{n}", query.metric.replace("'llm'", f"'llm_{n}'"))
        for n in range(count)
        for name, query in [queries[n % len(queries)]]
    ]
    sources = [Source(name, f"metrics/{name}.sql", text) for name, text in texts]
    oracle = TypeOracle()
    begun, used = time.monotonic(), time.process_time()
    compilation = compile_metrics(sources, Observed({}), oracle.describe)
    figures = {
        "value": round(time.monotonic() - begun, 2),
        "processor_seconds": round(time.process_time() - used, 2),
        "metrics": len(compilation.metrics),
    }
    oracle.close()
    return figures


def _make(connection: duckdb.DuckDBPyConnection, path: Path, events: int, scopes: int) -> None:
    customers = max(1, scopes // WINDOWS_A_CUSTOMER)
    connection.execute(_EVENTS.format(customers=customers, events=events, path=path))
    connection.execute(f"create view landed as select * from read_parquet('{path}')")
    connection.execute(
        f"""
        create table scopes as
        select
            row_number() over () as scope_id,
            'customer-' || customer::varchar as customer_id,
            timestamp '2026-01-01' + to_days(7 * week::int) as window_start,
            timestamp '2026-01-08' + to_days(7 * week::int) as window_end
        from range({customers}) as c(customer), range({WINDOWS_A_CUSTOMER}) as w(week)
        """
    )


def _compiled(name: str, query: Query) -> tuple[CompiledMetric | None, set[str]]:
    oracle = TypeOracle()
    try:
        source = Source(name, f"metrics/{name}.sql", query.metric)
        compilation = compile_metrics([source], Observed({}), oracle.describe)
    finally:
        oracle.close()
    errors = {d.code for d in compilation.diagnostics if d.severity is Severity.ERROR}
    return (compilation.metrics[0] if compilation.metrics else None), errors


def _ratio(
    connection: duckdb.DuckDBPyConnection, metric: CompiledMetric, query: Query, rounds: int
) -> dict[str, Any]:
    model = render(events_model([metric]), {}, "select * from landed")
    connection.execute(f"create or replace view metric_events as {model}")
    connection.execute(
        "create or replace view metric_scopes as select *, "
        f"'{metric.definition.name}' as metric_name, []::varchar[] as group_keys from scopes"
    )
    relations = {"metric_scopes": "metric_scopes", "metric_events": "metric_events"}
    texts = {
        "compiled": render(metric.body, relations),
        "hand": query.by_hand.replace("{tokens}", BY_RULE),
        "cast": query.by_hand.replace("{tokens}", BY_CAST),
    }
    seconds: dict[str, list[float]] = {name: [] for name in texts}
    for _ in range(rounds + 1):
        for name, text in texts.items():
            begun = time.monotonic()
            connection.execute(f"create or replace table {name}_rows as {text}")
            seconds[name].append(time.monotonic() - begun)
    rows = _same_rows(connection, metric)
    medians = {name: statistics.median(found[1:]) for name, found in seconds.items()}
    return {
        "value": _median_ratio(seconds["compiled"], seconds["hand"]),
        "against_cast": _median_ratio(seconds["compiled"], seconds["cast"]),
        "compiled_seconds": round(medians["compiled"], 3),
        "hand_seconds": round(medians["hand"], 3),
        "rows": rows,
    }


def _median_ratio(ours: list[float], others: list[float]) -> float:
    """Of the rounds but the first, which warms up the files."""
    ratios = [our / other for our, other in zip(ours[1:], others[1:], strict=True)]
    return round(statistics.median(ratios), 3)


def _same_rows(connection: duckdb.DuckDBPyConnection, metric: CompiledMetric) -> int:
    """The number of rows, which are the same by both hands.

    Raises:
        AssertionError: They are not; a ratio would say nothing.
    """
    keys = "".join(f", group_values['{key}'] as {key}" for key in metric.definition.group_keys)
    columns = "".join(f", {key}" for key in metric.definition.group_keys)
    # By hand `/` is a float: enough places to be the same number, not all that Bursar gives.
    compiled = f"select scope_id{keys}, round(value, 6) as value from compiled_rows"
    hand = f"select scope_id{columns}, round(value::decimal(38, 12), 6) as value from hand_rows"
    for one, other in ((compiled, hand), (hand, compiled)):
        differing = connection.execute(f"{one} except all {other} limit 3").fetchall()
        assert differing == [], f"{metric.definition.name}: {differing}"
    counted = connection.execute("select count(*) from compiled_rows").fetchall()
    return int(counted[0][0])
