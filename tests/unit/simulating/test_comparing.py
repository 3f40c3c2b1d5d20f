"""How two warehouses are compared, on made-up invoices whose figures a reader can add up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from bursar.simulating import comparing
from bursar.simulating.comparing import Window
from bursar.warehouse.answers import Rows

JANUARY, FEBRUARY, MARCH = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2, 3))
# Contract, month that it begins in, total, and what is otherwise unusual.
Invoice = tuple[str, int, str, dict[str, Any]]
BEFORE: tuple[Invoice, ...] = (
    ("k1", 1, "100", {"status": "finalized"}),
    ("k1", 1, "-10", {"status": "finalized", "invoice_type": "correction", "corrects": "k1:1"}),
    ("k1", 2, "50", {}),
    ("k2", 1, "70", {"status": "void"}),
    ("k2", 1, "60", {"revision": 2}),
    ("k3", 1, "30", {"currency": "EUR"}),
    ("k4", 1, "5", {}),
)
AFTER: tuple[Invoice, ...] = (
    ("k1", 1, "80", {}),
    ("k1", 2, "50", {}),
    ("k2", 1, "66", {}),
    ("k3", 1, "33", {}),
    ("k5", 2, "7", {}),
)
RERATED: tuple[Invoice, ...] = (
    ("k1", 1, "95", {}),
    ("k1", 2, "50", {}),
    ("k2", 1, "60", {}),
    ("k3", 1, "30", {"currency": "EUR"}),
    ("k4", 1, "5", {}),
)
Unrated = tuple[str, str | None, str, str]


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Three warehouses, not yet compared."""
    sides = {"before": BEFORE, "after": AFTER, "rerated": RERATED}
    unrated: dict[str, Sequence[Unrated]] = {
        "before": [("k1", None, "3", "no_rate"), ("k1", "a", "4", "no_rate")],
        "after": [
            ("k1", None, "3", "no_rate"),
            ("k1", "b", "2", "no_rate"),
            ("k1", "b", "1", "not_entitled"),
        ],
        "rerated": [],
    }
    with comparing.connected() as connected:
        for side, invoices in sides.items():
            file = tmp_path / f"{side}.duckdb"
            _write(file, invoices, unrated[side])
            comparing.attach(connected, side, file)
        yield connected


def _write(file: Path, invoices: Sequence[Invoice], unrated: Sequence[Unrated]) -> None:
    with duckdb.connect(str(file)) as warehouse:
        warehouse.execute("create schema billing")
        warehouse.execute(
            "create table billing.invoices (invoice_id varchar, invoice_type varchar,"
            " status varchar, customer_id varchar, customer_name varchar, contract_id varchar,"
            " period_start timestamp, period_end timestamp, currency varchar,"
            " subtotal decimal(38, 12), balance_applied decimal(38, 12), total decimal(38, 12),"
            " corrects_invoice_id varchar)"
        )
        for contract, month, total, other in invoices:
            revision = f":r{other['revision']}" if "revision" in other else ""
            corrects = other.get("corrects")
            warehouse.execute(
                "insert into billing.invoices values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)",
                [
                    f"{corrects}:c1" if corrects else f"{contract}:{month}{revision}",
                    other.get("invoice_type", "usage"),
                    other.get("status", "draft"),
                    contract.replace("k", "c"),
                    contract.replace("k", "Customer "),
                    contract,
                    datetime(2026, month, 1),  # noqa: DTZ001 - the column has no zone
                    datetime(2026, month + 1, 1),  # noqa: DTZ001 - likewise
                    other.get("currency", "USD"),
                    Decimal(total),
                    Decimal(total),
                    corrects,
                ],
            )
        warehouse.execute(
            "create table billing.unrated_usage (customer_id varchar, contract_id varchar,"
            " product_id varchar, product_name varchar, period_start timestamp,"
            " pricing_group_values varchar, presentation_group_values varchar,"
            " subscription_id varchar, quantity decimal(38, 12), reason varchar,"
            " nearest_pricing_group_values varchar)"
        )
        for contract, group, quantity, reason in unrated:
            warehouse.execute(
                "insert into billing.unrated_usage values"
                " ('c1', ?, 'p', 'Units', '2026-01-01', ?, null, null, ?, ?, null)",
                [contract, group, Decimal(quantity), reason],
            )


def _figures(rows: Rows, key: Sequence[str], *columns: str) -> dict[Any, Any]:
    return {
        tuple(row[name] for name in key): tuple(row[column] for column in columns)
        for row in rows.as_dicts()
    }


def test_invoices_stand_with_their_corrections_and_without_void_ones(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    comparing.compare(connection, Window())
    found = _figures(comparing.by_invoice(connection), ["invoice_id", "currency"], "before")
    assert found == {
        ("k1:1", "USD"): (90,),
        ("k1:2", "USD"): (50,),
        ("k2:1:r2", "USD"): (60,),
        ("k3:1", "EUR"): (30,),
        ("k3:1", "USD"): (None,),
        ("k4:1", "USD"): (5,),
        ("k5:2", "USD"): (None,),
    }


def test_a_revision_is_compared_with_the_period_and_a_new_currency_with_nothing(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    comparing.compare(connection, Window())
    found = _figures(
        comparing.by_invoice(connection), ["invoice_id", "currency"], "after", "difference"
    )
    assert found == {
        ("k1:1", "USD"): (80, -10),
        ("k1:2", "USD"): (50, 0),
        ("k2:1:r2", "USD"): (66, 6),
        ("k3:1", "EUR"): (None, -30),
        ("k3:1", "USD"): (33, 33),
        ("k4:1", "USD"): (None, -5),
        ("k5:2", "USD"): (7, 7),
    }


def test_customers_of_one_side_have_no_figure_on_the_other(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    comparing.compare(connection, Window())
    found = _figures(
        comparing.by_customer(connection), ["customer_id", "currency"], "before", "after"
    )
    assert found["c4", "USD"] == (5, None)
    assert found["c5", "USD"] == (None, 7)
    assert found["c1", "USD"] == (140, 130)
    totals = _figures(
        comparing.by_currency(connection), ["currency"], "before", "after", "difference", "invoices"
    )
    assert totals == {("EUR",): (30, None, -30, 1), ("USD",): (205, 236, 31, 6)}


def test_drift_is_what_rating_anew_changes_without_the_other_catalog(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    comparing.compare(connection, Window(), is_rerated=True)
    found = _figures(comparing.by_customer(connection), ["customer_id", "currency"], "drift")
    # 100 and its correction of -10 would be 95 in one.
    assert found.pop(("c1", "USD")) == (5,)
    assert set(found.values()) == {(0,)}


@pytest.mark.parametrize(
    ("window", "before"),
    [
        (Window(FEBRUARY), 50),
        (Window(JANUARY, FEBRUARY), 155),
        (Window(None, MARCH), 205),
    ],
)
def test_windows_are_half_open_and_add_up(
    connection: duckdb.DuckDBPyConnection, window: Window, before: int
) -> None:
    comparing.compare(connection, window)
    totals = _figures(comparing.by_currency(connection), ["currency"], "before")
    assert totals["USD",] == (before,)


def test_usage_is_newly_unrated_by_what_it_is_and_null_groups_are_alike(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    comparing.compare(connection, Window())
    found = _figures(
        comparing.newly_unrated(connection),
        ["contract_id", "pricing_group_values"],
        "quantity",
        "reason",
    )
    assert found == {("k1", "b"): (3, "no_rate, not_entitled")}
    assert comparing.unrated_counts(connection) == (1, 1)
