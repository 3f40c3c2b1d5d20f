from __future__ import annotations

from pathlib import Path

import duckdb
from benchmarks import rating


def test_the_rating_benchmark_bills_what_it_measures(tmp_path: Path) -> None:
    small, larger, growth = rating.measure(tmp_path, [2, 4])
    assert (small["invoices"], larger["invoices"]) == (2, 4)
    assert small["value"] > 0
    assert {"rating", "invoicing", "marts of a bill"} <= set(small["seconds_by_room"])
    assert growth["contracts"] == [2, 4]
    published = tmp_path / "of-4" / "project" / "warehouse" / "published.duckdb"
    with duckdb.connect(str(published), read_only=True) as connection:
        found = connection.execute(
            "select count(distinct product_id), count(distinct pricing_group_values),"
            " count(override_id) from billing.invoice_line_items where line_type = 'usage'"
        ).fetchall()
    assert found == [(rating.PRODUCTS, len(rating.GROUPS), len(rating.GROUPS))]
