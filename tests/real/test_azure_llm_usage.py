"""Real LLM requests become bills: sums agree with the files, tiers with arithmetic done by hand.

An hour of two services (Azure LLM inference trace 2023), one customer a service. Skips where the
data is absent.
"""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from bursar.landing import LandOptions, land
from bursar.project import Project
from bursar.scaffold.new_project import new_project
from bursar.warehouse.build import build

DATA = Path(__file__).parents[3] / "shared" / "data" / "azure_llm_2023"
AS_OF = datetime(2023, 12, 3, tzinfo=UTC)
# requests, context tokens, generated tokens
EXPECTED = {"code": (8_819, 18_059_974, 245_896), "conv": (19_366, 22_361_870, 4_088_665)}
SEEDS = {
    "customers": ["code,Coding assistant,,", "conv,Chat service,,"],
    "rate_cards": ["card,Card,USD"],
    "products": [
        "requests,,Requests,usage,,requests,,,,,,,,,,",
        "context,,Context tokens,usage,,context_tokens,,,,,,,,,,",
        "generated,,Generated tokens,usage,,generated_tokens,,,,,,,,,,",
    ],
    "rates": [
        "r1,card,requests,,,2023-01-01,,,flat,0.0001,,,",
        "r2,card,context,,,2023-01-01,,,tiered,,,,",
        "r3,card,generated,,,2023-01-01,,,tiered,,,,",
    ],
    "rate_tiers": [
        "r2,0,0.000003,",
        "r2,10000000,0.0000025,",
        "r2,20000000,0.000002,",
        "r3,0,0.000015,",
        "r3,1000000,0.000012,",
    ],
    "contracts": [f"{c},{c},,card,2023-11-01,,,,,,,,,,," for c in ("code", "conv")],
}
METRICS = {
    "requests.yml": "aggregation: count\nevent_types: [llm_request]\n",
    "context_tokens.sql": "select sum(properties.input_tokens::decimal(38, 0)) as value\n"
    "from events\nwhere event_type = 'llm_request'\n",
    "generated_tokens.yml": "aggregation: sum\nevent_types: [llm_request]\n"
    "property: output_tokens\n",
}

pytestmark = [
    pytest.mark.skipif(not DATA.is_dir(), reason="the trace is not here"),
    pytest.mark.xdist_group("azure"),
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    root = tmp_path_factory.mktemp("azure")
    project = new_project(root / "project")
    for relation, rows in SEEDS.items():
        path = project.seeds / f"{relation}.csv"
        path.write_text(path.read_text().splitlines()[0] + "\n" + "\n".join(rows) + "\n")
    for name, text in METRICS.items():
        (project.metrics / name).write_text(text)
    for service in EXPECTED:
        events = root / f"{service}.ndjson"
        _write_events(DATA / f"{service}.csv", service, events)
        report = land(
            project, [str(events)], LandOptions(received_at=AS_OF, promoted=("input_tokens",))
        )
        assert report.manifest.counts.accepted == EXPECTED[service][0]
    build(project, as_of=AS_OF)
    return project


def test_quantities_agree_with_the_files(project: Project) -> None:
    quantities = _query(
        project,
        """
        select customer_id, product_id, sum(quantity) from billing.invoice_line_items
        where invoice_id like '%2023-11-01' and line_type = 'usage' group by all
    """,
    )
    assert quantities == {
        (service, product): Decimal(figure)
        for service, figures in EXPECTED.items()
        for product, figure in zip(("requests", "context", "generated"), figures, strict=True)
    }


def test_totals_agree_with_the_tiers(project: Project) -> None:
    totals = _query(
        project,
        """
        select customer_id, currency, total from billing.invoices
        where period_start = timestamp '2023-11-01'
    """,
    )
    # code: 8,819 x 0.0001 = 0.8819; 10M x 0.000003 + 8,059,974 x 0.0000025 = 50.149935;
    #       245,896 x 0.000015 = 3.68844
    # conv: 1.9366; 10M x 0.000003 + 10M x 0.0000025 + 2,361,870 x 0.000002 = 59.72374;
    #       1M x 0.000015 + 3,088,665 x 0.000012 = 52.06398
    assert totals == {("code", "USD"): Decimal("54.72"), ("conv", "USD"): Decimal("113.72")}


def _query(project: Project, query: str) -> dict[tuple[str, str], Decimal]:
    with duckdb.connect(str(project.published_database), read_only=True) as connection:
        return {(a, b): c for a, b, c in connection.execute(query).fetchall()}


def _write_events(source: Path, service: str, target: Path) -> None:
    with source.open(newline="") as rows, target.open("w") as events:
        for number, row in enumerate(csv.DictReader(rows), start=1):
            event = {
                "transaction_id": f"{source.name}:{number}",
                "customer_id": service,
                "event_type": "llm_request",
                "timestamp": row["TIMESTAMP"].replace(" ", "T") + "Z",
                "properties": {
                    "input_tokens": int(row["ContextTokens"]),
                    "output_tokens": int(row["GeneratedTokens"]),
                },
            }
            events.write(json.dumps(event) + "\n")
