"""Books of many contracts to build: a catalog in Parquet, a month of usage, and what a build took.

Owns making and building them, for the benchmarks of what a build does. The build runs in a process
of its own, so that its peak memory is its own; times are those that dbt states for each model and
test, gathered by what they do. Every contract has one period, every product three group values
with usage, every tenth contract an override.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml

from bursar.scaffold.new_project import new_project

PRODUCTS = 10
GROUPS = ("opus", "sonnet", "haiku")
MARTS_OF_A_BILL = frozenset({"invoices", "invoice_line_items", "unrated_usage"})
_MODELS = Path(__file__).parents[1] / "models"

CATALOG = {
    "customers": "select 'c' || n as customer_id, 'Customer ' || n as customer_name from contracts",
    "contracts": """
        select 'k' || n as contract_id, 'c' || n as customer_id, 'card' as rate_card_id,
            timestamp '2026-01-01' as starting_at, timestamp '2026-02-01' as ending_before
        from contracts
    """,
    "products": """
        select 'p' || n as product_id, 'Product ' || n as product_name, 'usage' as product_type,
            'm' || n as metric_name, 'model' as pricing_group_keys
        from products
    """,
    "rates": """
        select 'r' || n || group_value as rate_id, 'card' as rate_card_id, 'p' || n as product_id,
            'model=' || group_value as pricing_group_values, timestamp '2025-01-01' as starting_at,
            case n % 5 when 3 then 'tiered' when 4 then 'volume' else 'flat' end as rate_type,
            case when n % 5 < 3 then cast(0.01 * (n + 1) as decimal(38, 12)) end as price
        from products cross join groups
    """,
    "rate_tiers": """
        select 'r' || n || group_value as rate_id, tier_start,
            case tier_start when 0 then 0.05 else 0.03 end as price
        from products cross join groups cross join (values (0), (40)) as tiers (tier_start)
        where n % 5 >= 3
    """,
    "contract_overrides": """
        select 'o' || n as override_id, 'k' || n as contract_id, 'multiplier' as override_type,
            timestamp '2026-01-01' as starting_at, 'p' || (n // 10 % 10) as product_id,
            0.9::decimal(38, 12) as multiplier
        from contracts where n % 10 = 0
    """,
}
_EVENTS = """
    copy (
        select 'e' || contracts.n || '-' || products.n || group_value as transaction_id,
            'c' || contracts.n as customer_id, 't' || products.n as event_type,
            strftime(
                timestamp '2026-01-01' + to_hours(((contracts.n * 7 + products.n) % 740)::int),
                '%Y-%m-%dT%H:%M:%SZ'
            ) as "timestamp",
            {{'model': group_value, 'n': ((contracts.n + products.n) % 97 + 1)::varchar}}
                as properties
        from contracts cross join products cross join groups
    ) to '{path}' (format json)
"""
_BUILD = """
import json, resource, sys, time
from datetime import UTC, datetime
from bursar.project import Project
from bursar.warehouse.build import build
began = time.monotonic()
build(Project(__import__("pathlib").Path(sys.argv[1])), as_of=datetime(2026, 2, 1, 1, tzinfo=UTC))
seconds = time.monotonic() - began
used = resource.getrusage(resource.RUSAGE_SELF)
cpu = used.ru_utime + used.ru_stime
print(json.dumps({"seconds": seconds, "cpu": cpu, "peak_bytes": used.ru_maxrss * 1024}))
"""
_LAND = """
import sys
from datetime import UTC, datetime
from bursar.landing import LandOptions, land
from bursar.project import Project
options = LandOptions(received_at=datetime(2026, 2, 1, tzinfo=UTC), promoted=("model", "n"))
land(Project(__import__("pathlib").Path(sys.argv[1])), [sys.argv[2]], options)
"""


@dataclass(frozen=True)
class Built:
    """What a build took: wall and processor seconds, peak bytes, and seconds by room and model."""

    seconds: float
    cpu: float
    peak_bytes: int
    by_room: dict[str, float]
    by_model: dict[str, float]


def make(root: Path, contracts: int, catalog: Mapping[str, str]) -> Path:
    """A project whose catalog is in Parquet, with its usage landed.

    Args:
        root: An empty folder.
        contracts: How many contracts.
        catalog: For each relation, a query over `contracts`, `products` and `groups`.
    """
    project = new_project(root / "project")
    for n in range(PRODUCTS):
        metric = {"aggregation": "sum", "event_types": [f"t{n}"], "property": "n"}
        text = yaml.safe_dump(metric | {"group_keys": ["model"]})
        (project.metrics / f"m{n}.yml").write_text(text, encoding="utf-8")
    (project.seeds / "rate_cards.csv").write_text(
        "rate_card_id,rate_card_name,currency\ncard,Card,USD\n", encoding="utf-8"
    )
    source = {"type": "parquet", "folder": "catalog", "relations": list(catalog)}
    settings = project.root / "dbt_project.yml"
    variables = yaml.safe_dump({"vars": {"catalog_source": source}})
    settings.write_text(settings.read_text(encoding="utf-8") + "\n" + variables, encoding="utf-8")
    connection = duckdb.connect()
    connection.execute(f"create table contracts as select range as n from range({contracts})")
    connection.execute(f"create table products as select range as n from range({PRODUCTS})")
    connection.execute(f"create table groups as select unnest({list(GROUPS)}) as group_value")
    (project.root / "catalog").mkdir()
    for relation, query in catalog.items():
        _store(connection, relation, query, project.root / "catalog", project.seeds)
    events = root / "events.ndjson"
    connection.execute(_EVENTS.format(path=events))
    connection.close()
    _run(_LAND, str(project.root), str(events))
    events.unlink()
    return project.root


def build(project: Path) -> Built:
    """Builds it, and says what that took."""
    found = _run(_BUILD, str(project))
    by_room, by_model = _seconds(project)
    return Built(found["seconds"], found["cpu"], found["peak_bytes"], by_room, by_model)


def _store(
    connection: duckdb.DuckDBPyConnection, relation: str, query: str, folder: Path, seeds: Path
) -> None:
    """The relation with all its columns; those that its query does not name are null."""
    header = (seeds / f"{relation}.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    connection.execute(f"create or replace temp view made as {query}")
    named = {row[0] for row in connection.execute("describe made").fetchall()}
    columns = ", ".join(c if c in named else f"null::varchar as {c}" for c in header)
    connection.execute(
        f"copy (select {columns} from made) to '{folder}/{relation}.parquet' (format parquet)"
    )


def _run(program: str, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-c", program, *arguments]
    child = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    lines = child.stdout.splitlines()
    result: dict[str, Any] = json.loads(lines[-1]) if lines else {}
    return result


def _seconds(project: Path) -> tuple[dict[str, float], dict[str, float]]:
    """What dbt says each step took, gathered by the folder of its model, and by model."""
    rooms = {path.stem: path.parent.name for path in _MODELS.rglob("*.sql")}
    results = json.loads((project / "target" / "run_results.json").read_text(encoding="utf-8"))
    by_room: dict[str, float] = defaultdict(float)
    by_model: dict[str, float] = {}
    for result in results["results"]:
        kind, _, *_, name = result["unique_id"].split(".")
        room = {"test": "data tests", "seed": "seeds"}.get(kind) or rooms.get(name, "metrics")
        if name in MARTS_OF_A_BILL and kind == "model":
            room = "marts of a bill"
        by_room[room] += result["execution_time"]
        if kind == "model":
            by_model[name] = result["execution_time"]
    return by_room, by_model


def bill(project: Path) -> tuple[int, int]:
    """How many invoices and lines the published warehouse has."""
    published = str(project / "warehouse" / "published.duckdb")
    with duckdb.connect(published, read_only=True) as connection:
        [counts] = connection.execute(
            "select (select count(*) from billing.invoices),"
            " (select count(*) from billing.invoice_line_items)"
        ).fetchall()
    return counts[0], counts[1]
