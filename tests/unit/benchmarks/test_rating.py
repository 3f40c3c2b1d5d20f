from __future__ import annotations

from pathlib import Path

import duckdb
from benchmarks import books, rating


def test_the_rating_benchmark_bills_what_it_measures(tmp_path: Path) -> None:
    (found,) = rating.measure(tmp_path, [4])
    assert found["invoices"] == 4
    assert found["seconds"] > 0
    assert {"rating", "invoicing", "marts of a bill"} <= set(found["seconds_by_room"])
    published = tmp_path / "of-4" / "project" / "warehouse" / "published.duckdb"
    with duckdb.connect(str(published), read_only=True) as connection:
        rows = connection.execute(
            "select count(distinct product_id), count(distinct pricing_group_values),"
            " count(override_id) from billing.invoice_line_items where line_type = 'usage'"
        ).fetchall()
    assert rows == [(books.PRODUCTS, len(books.GROUPS), len(books.GROUPS))]
