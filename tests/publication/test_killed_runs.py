"""Runs killed at every step of building and publishing: readers never see half of it.

The whole campaign: BURSAR_KILLS=250 pytest -n 0 tests/publication/test_killed_runs.py
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from bursar.project import Project
from bursar.warehouse.run_state import as_text
from tests.ledger.figures import new_books
from tests.support.killed_runs import (
    BUILD_POINTS,
    DBT_STEP,
    MONTHLY,
    RUN_POINTS,
    Books,
    KilledRuns,
)
from tests.support.landing import line
from tests.support.monthly_books import run_instant

KILLS = int(os.environ.get("BURSAR_KILLS", "6"))
ALL_STEPS_FROM = 100
# What is dated in the first days of February falls due with the second run, or waits for it.
SCHEDULED = ["k2:scheduled:2026-02-04", "k:scheduled:2026-02-03"]


@pytest.mark.slow
@pytest.mark.timeout(max(300, 30 * KILLS))
def test_after_any_kills_no_invoice_is_lost_or_twice_and_every_version_is_whole(
    tmp_path: Path,
) -> None:
    figures = KilledRuns(tmp_path, MONTHLY, KILLS).run()
    print(json.dumps(figures))  # noqa: T201 - the long campaign's report
    assert figures["kills"] >= KILLS
    # Otherwise it has read before and after, and proves nothing.
    assert figures["versions_read"] > 1
    if KILLS >= ALL_STEPS_FROM:
        assert figures["kills_at_random"] > 0
        assert {*BUILD_POINTS, DBT_STEP, *RUN_POINTS} - set(figures["kills_by_step"]) == set()


def use_both_contracts(project: Project, month: int) -> None:
    folder = project.landing / "inbox"
    folder.mkdir(parents=True, exist_ok=True)
    at = as_text(run_instant(month - 1))
    for customer, units in (("c1", 30 + month), ("c2", 5)):
        usage = line(
            f"{month}-{customer}", customer_id=customer, timestamp=at, properties={"n": str(units)}
        )
        (folder / f"{month:03}-{customer}.ndjson").write_bytes(usage + b"\n")


def due_ids(month: int) -> list[str]:
    usage = [f"{contract}:usage:{run_instant(month - 1):%Y-%m}-01" for contract in ("k", "k2")]
    return usage + (SCHEDULED if month == 1 else [])


REAL = Books(
    new_books, use_both_contracts, run_instant, due_ids, dbt_steps=300, is_a_dollar_an_event=False
)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.skipif(KILLS < ALL_STEPS_FROM, reason="minutes: with BURSAR_KILLS=100 or more")
def test_nor_is_any_where_balances_pay_and_the_models_are_the_real_ones(tmp_path: Path) -> None:
    figures = KilledRuns(tmp_path, REAL, KILLS // 15).run()
    print(json.dumps(figures))  # noqa: T201 - the long campaign's report
    assert figures["versions_read"] > 1
