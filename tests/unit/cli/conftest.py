"""One published project for all tests of this folder: two customers, three invoices."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bursar.project import Project
from bursar.warehouse.build import build
from tests.support.small_project import mart_of, small_project

JANUARY = {"period_start": "2026-01-01", "period_end": "2026-02-01", "issued_at": "2026-02-02"}
INVOICES = [
    {
        **JANUARY,
        "invoice_id": "acme_2026:usage:2026-01-01",
        "invoice_type": "usage",
        "status": "draft",
        "revision": "1",
        "contract_id": "acme_2026",
        "customer_id": "acme",
        "customer_name": "Acme Inc",
        "due_at": "2026-03-04",
        "currency": "USD",
        "subtotal": "1234.503",
        "balance_applied": "0",
        "rounding": "-0.003",
        "total": "1234.50",
        "line_item_count": "4",
    },
    {
        "invoice_id": "acme_2026:usage:2026-02-01",
        "invoice_type": "usage",
        "status": "draft",
        "revision": "1",
        "contract_id": "acme_2026",
        "customer_id": "acme",
        "customer_name": "Acme Inc",
        "period_start": "2026-02-01",
        "period_end": "2026-03-01",
        "issued_at": "2026-03-02",
        "due_at": "2026-04-01",
        "currency": "USD",
        "subtotal": "0",
        "balance_applied": "0",
        "rounding": "0",
        "total": "0",
        "line_item_count": "0",
    },
    {
        **JANUARY,
        "invoice_id": "yen:usage:2026-01-01",
        "invoice_type": "usage",
        "status": "finalized",
        "revision": "1",
        "contract_id": "yen",
        "customer_id": "globex",
        "due_at": "2026-02-02",
        "currency": "JPY",
        "subtotal": "1200",
        "balance_applied": "0",
        "rounding": "0",
        "total": "1200",
        "line_item_count": "1",
    },
]
LINE = {
    "invoice_id": "acme_2026:usage:2026-01-01",
    "contract_id": "acme_2026",
    "customer_id": "acme",
    "line_type": "usage",
    "product_id": "tokens",
    "product_name": "Output tokens",
    "product_type": "usage",
    "metric_name": "output_tokens",
    "starting_at": "2026-01-01",
    "ending_before": "2026-02-01",
    "pricing_unit": "USD",
    "is_summed": "true",
    "is_prorated": "false",
}
LINES = [
    {
        **LINE,
        "line_item_id": "l1",
        "line_number": "1",
        "pricing_group_values": '{"model":"large"}',
        "presentation_group_values": '{"region":null}',
        "tier_start": "0",
        "quantity": "1000000",
        "unit_price": "0.001",
        "list_price": "0.001",
        "amount": "1000",
    },
    {
        **LINE,
        "line_item_id": "l2",
        "line_number": "2",
        "pricing_group_values": '{"model":"large"}',
        "tier_start": "1000000",
        "ending_before": "2026-01-15T07:00:00",
        "quantity": "229005.5",
        "unit_price": "0.001",
        "list_price": "0.0015",
        "amount": "229.0055",
    },
    {
        **LINE,
        "line_item_id": "l3",
        "line_number": "3",
        "line_type": "flat_fee",
        "product_id": "support",
        "product_name": "Support",
        "quantity": "1",
        "unit_price": "5.4975",
        "list_price": "5.4975",
        "amount": "5.4975",
    },
    {
        **LINE,
        "line_item_id": "l4",
        "line_number": "4",
        "line_type": "rounding",
        "product_id": "",
        "product_name": "",
        "quantity": "1",
        "unit_price": "-0.003",
        "list_price": "-0.003",
        "amount": "-0.003",
    },
]
FINDING = "select 'x' as reason union all select 'y'"


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    os.environ.pop("BURSAR_RUN_STATE", None)
    project = small_project(
        tmp_path_factory.mktemp("published"),
        {
            "marts/invoices.sql": mart_of("invoices", INVOICES),
            "marts/invoice_line_items.sql": mart_of("invoice_line_items", LINES),
            "marts/rejected_events.sql": FINDING,
        },
    )
    build(project, as_of=datetime(2026, 2, 3, tzinfo=UTC))
    return project


@pytest.fixture
def unbuilt(tmp_path: Path) -> Project:
    return small_project(tmp_path)
