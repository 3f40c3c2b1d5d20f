"""A void gives back what was drawn; a regeneration bills anew, as the next revision.

January of contract k was finalized with 520 units: the prepaid balance paid $400 of them, $120 are
owed and count towards the obligation. Then 100 units came late. Billed anew, $220 are owed.
"""

from __future__ import annotations

from typing import Any

import pytest

from bursar.ledger.batches import read_batches
from bursar.ledger.verifying import verify
from bursar.project import Project
from tests.ledger.figures import Row, billed, statuses, totals

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("ledger")]
Voided = tuple[Project, dict[str, list[Row]]]


def balance(marts: dict[str, list[Row]], commit_id: str, *columns: str) -> list[str]:
    [row] = [row for row in marts["balances"] if row["commit_id"] == commit_id]
    return [f"{row[column].normalize():f}" for column in columns]


def invoice(marts: dict[str, list[Row]], invoice_id: str) -> dict[str, Any]:
    [row] = [row for row in marts["invoices"] if row["invoice_id"] == invoice_id]
    return row


def test_a_regenerated_invoice_is_a_draft_of_todays_inputs(voided_twice: Voided) -> None:
    marts = voided_twice[1]
    found = statuses(marts)
    assert found["k:usage:2026-01-01"] == ("void", "120")
    assert found["k:usage:2026-01-01:r2"] == ("draft", "220")
    assert invoice(marts, "k:usage:2026-01-01:r2")["revision"] == 2
    assert invoice(marts, "k:usage:2026-01-01")["void_reason"] == "usage came late"
    # 400 - 220 are still owed of the promise.
    assert found["k:scheduled:2026-02-03"] == ("draft", "180")


def test_what_a_void_invoice_drew_is_back_and_drawn_anew_by_the_draft(
    voided_twice: Voided,
) -> None:
    marts = voided_twice[1]
    columns = ("drawn", "drawn_provisional", "balance")
    assert balance(marts, "prepaid", *columns) == ["0", "400", "0"]
    assert balance(marts, "promise", *columns) == ["0", "220", "0"]
    deductions = [row for row in marts["balance_ledger"] if row["entry_type"].endswith("deduction")]
    assert {row["invoice_id"] for row in deductions} == {"k:usage:2026-01-01:r2"}
    assert all(row["is_provisional"] for row in deductions)


def test_a_void_invoice_without_a_regeneration_has_no_successor(voided_twice: Voided) -> None:
    found = statuses(voided_twice[1])
    of_january = {i: said for i, said in found.items() if i.startswith("k2:usage:2026-01-01")}
    assert of_january == {"k2:usage:2026-01-01": ("void", "50")}
    assert found["k2:scheduled:2026-02-04"] == ("finalized", "10")


def test_periods_say_whether_an_invoice_of_theirs_stands(voided_twice: Voided) -> None:
    states = {
        (row["contract_id"], f"{row['period_start']:%Y-%m}"): row["state"]
        for row in voided_twice[1]["billing_periods"]
        if row["state"] != "future"
    }
    assert states == {
        ("k", "2026-01"): "due",
        ("k", "2026-02"): "open",
        ("k2", "2026-01"): "due",
        ("k2", "2026-02"): "open",
    }


def test_a_revision_that_is_void_is_followed_by_the_next(voided_twice: Voided) -> None:
    found = totals(voided_twice[0])
    assert found["k:usage:2026-01-01"] == ("void", "120")
    assert found["k:usage:2026-01-01:r2"] == ("void", "220")
    assert found["k:usage:2026-01-01:r3"] == ("draft", "220")
    marts = billed(voided_twice[0])
    assert [row["revision"] for row in marts["invoices"] if ":2026-01-01" in row["invoice_id"]]
    assert invoice(marts, "k:usage:2026-01-01:r3")["revision"] == 3
    assert balance(marts, "prepaid", "drawn", "drawn_provisional") == ["0", "400"]


def test_a_true_up_is_final_once_nothing_may_count_towards_it(voided_twice: Voided) -> None:
    batches = read_batches(voided_twice[0])
    assert [batch.kind for batch in batches] == [
        "finalize",
        "void",
        "void",
        "finalize",
        "void",
        "finalize",
    ]
    # As of 6 February the true-up was due, but February's usage was open.
    assert list(batches[3].invoices) == ["k:usage:2026-01-01:r2"]
    assert list(batches[5].invoices) == [
        "k2:usage:2026-02-01",
        "k:scheduled:2026-02-03",
        "k:usage:2026-01-01:r3",
        "k:usage:2026-02-01",
    ]
    assert totals(voided_twice[0])["k:scheduled:2026-02-03"] == ("draft", "180")
    assert verify(voided_twice[0]).problems == ()
