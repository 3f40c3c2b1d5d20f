from __future__ import annotations

from pathlib import Path

import duckdb
from benchmarks import balances


def test_the_balances_benchmark_draws_on_what_it_measures(tmp_path: Path) -> None:
    (found,) = balances.measure(tmp_path, [6], 0)
    assert found["value"] > 0
    published = tmp_path / "of-6" / "project" / "warehouse" / "published.duckdb"
    with duckdb.connect(str(published), read_only=True) as connection:
        segments = connection.execute(
            "select contract_id, count(*) from billing.balances group by all order by all"
        ).fetchall()
        [(drawn, dry)] = connection.execute(
            "select count(*) filter (drawn_provisional > 0),"
            " count(*) filter (drawn_provisional = amount) from billing.balances"
        ).fetchall()
    # The first contract has every segment that one customer may have; then 4 to 8.
    assert segments == [("k0", 8), ("k1", 4), ("k2", 5), ("k3", 6), ("k4", 7), ("k5", 8)]
    assert 0 < dry < drawn
