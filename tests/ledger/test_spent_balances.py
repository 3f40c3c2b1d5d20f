"""What finalized invoices drew stays drawn, and no balance falls below zero, whatever comes after.

Four customers at $1 a unit; January and February are final. The credit of late is $100: January
drew $80 of it, February the other $20 of $50. Taken's credit of $100 paid $80 in January. Promised
promised $400 for January, used $100 and was trued up by $300. Renewed had a credit of $100 in the
contract o, which ended with January: $40 were used, $60 rolled over into n, where February drew
$50.
Then 10 units came late for January of late, 50 for that of promised and 40 for that of renewed, and
$50 are taken back from the credit of taken.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bursar.ledger.correcting import correct
from bursar.ledger.finalizing import finalize
from bursar.ledger.voiding import void
from bursar.project import Project
from bursar.scaffold.new_project import new_project
from bursar.warehouse.build import build
from tests.ledger.figures import CATALOG, MARCH_3, METRIC, Row, billed, land_usage
from tests.support.scenarios import without_column_tests
from tests.support.written_books import write_catalog

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("ledger")]
MARCH_4, MARCH_5, MARCH_6 = (MARCH_3 + timedelta(days=days) for days in (1, 2, 3))
TRUE_UP = "promised:scheduled:2026-02-01"
Marts = dict[str, list[Row]]


def contract(contract_id: str, customer_id: str, **term: str) -> dict[str, str]:
    row = {"contract_id": contract_id, "customer_id": customer_id, "rate_card_id": "card"}
    return row | {"starting_at": "2026-01-01"} | term


def commit(commit_id: str, contract_id: str, commit_type: str = "credit") -> dict[str, str]:
    row = {"commit_id": commit_id, "contract_id": contract_id, "commit_type": commit_type}
    return row | {"product_id": "fee", "commit_name": commit_id}


def catalog() -> dict[str, list[dict[str, str]]]:
    """The four customers, each with one commit."""
    shared = {
        relation: [
            dict(zip(CATALOG[relation][0].split(","), row.split(","), strict=True))
            for row in CATALOG[relation][1]
        ]
        for relation in ("rate_cards", "products", "rates")
    }
    names = ("late", "taken", "promised", "renewed")
    segment = {"starting_at": "2026-01-01", "amount": "100"}
    ends = {"ending_before": "2026-02-01"}
    return shared | {
        "customers": [{"customer_id": name, "customer_name": name} for name in names],
        "contracts": [
            *(contract(name, name) for name in names[:3]),
            contract("o", "renewed", **ends),
            contract("n", "renewed", starting_at="2026-02-01", renews_contract_id="o"),
        ],
        "commits": [
            commit("late", "late"),
            commit("taken", "taken"),
            commit("promise", "promised", "postpaid"),
            commit("old", "o") | {"rollover_fraction": "1"},
        ],
        "commit_segments": [
            {"commit_id": "promise", **segment, **ends, "amount": "400"},
            *({"commit_id": name, **segment} for name in ("late", "taken", "old")),
        ],
        "commit_invoices": [{"commit_id": "promise", "invoice_at": "2026-02-01", "amount": "400"}],
    }


TAKEN_BACK = {
    "adjustment_id": "taken-back",
    "commit_id": "taken",
    "segment_starting_at": "2026-01-01",
    "adjusted_at": "2026-03-04",
    "amount": "-50",
}


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Marts]:
    """What was billed when the news had come, after corrections, and after the true-up's void."""
    project = without_column_tests(new_project(tmp_path_factory.mktemp("spent") / "project"))
    (project.metrics / "units.yml").write_text(METRIC)
    write_catalog(project, catalog())
    for customer, january, february in (
        ("late", 80, 50),
        ("taken", 80, 0),
        ("promised", 100, 0),
        ("renewed", 40, 50),
    ):
        land_usage(project, customer, "2026-01-05T06:00:00Z", january, received_at=MARCH_3)
        land_usage(project, customer, "2026-02-05T06:00:00Z", february, received_at=MARCH_3)
    build(project, as_of=MARCH_3)
    finalize(project)
    write_catalog(project, {"commit_adjustments": [TAKEN_BACK]})
    for customer, units in (("late", 10), ("promised", 50), ("renewed", 40)):
        land_usage(project, customer, "2026-01-06T06:00:00Z", units, received_at=MARCH_4)
    void(project, "o:usage:2026-01-01", "usage came late", MARCH_4, regenerate=True)
    found = {"news": built(project, MARCH_5)}
    correct(project, "late:usage:2026-01-01", "usage came late")
    built(project, MARCH_5)
    correct(project, "promised:usage:2026-01-01", "usage came late")
    found["corrected"] = built(project, MARCH_5)
    memo = correct(project, TRUE_UP, "usage counts towards it")
    assert memo.total == -50
    void(project, memo.correction_id, "let it be", MARCH_6)
    void(project, TRUE_UP, "let it be", MARCH_6)
    found["forgiven"] = built(project, MARCH_6)
    return found


def built(project: Project, as_of: datetime) -> Marts:
    build(project, as_of=as_of.astimezone(UTC))
    return billed(project)


def balance(marts: Marts, commit_id: str, *columns: str) -> list[str]:
    [row] = [row for row in marts["balances"] if row["commit_id"] == commit_id]
    return [f"{row[column].normalize():f}" for column in columns]


def drift(marts: Marts) -> dict[str, str]:
    return {
        row["invoice_id"]: f"{row['difference'].normalize():f}" for row in marts["invoice_drift"]
    }


def total(marts: Marts, invoice_id: str) -> str:
    [row] = [row for row in marts["invoices"] if row["invoice_id"] == invoice_id]
    return f"{row['total'].normalize():f}"


def test_late_usage_is_owed_where_a_later_invoice_has_drawn_the_rest(
    stages: dict[str, Marts],
) -> None:
    # February drew what January's late units would have: they are owed, and February stays right.
    assert drift(stages["news"])["late:usage:2026-01-01"] == "10"
    assert "late:usage:2026-02-01" not in drift(stages["news"])
    assert total(stages["corrected"], "late:usage:2026-01-01:c1") == "10"
    assert balance(stages["corrected"], "late", "drawn", "balance") == ["100", "0"]


def test_an_adjustment_takes_no_more_than_finalized_invoices_left(
    stages: dict[str, Marts],
) -> None:
    # 100 - 80 are there to be taken of the 50.
    assert balance(stages["news"], "taken", "adjusted", "drawn", "balance") == ["-20", "80", "0"]
    entries = [
        f"{row['amount'].normalize():f}"
        for row in stages["news"]["balance_ledger"]
        if row["commit_id"] == "taken" and row["entry_type"] == "adjustment"
    ]
    assert entries == ["-20"]
    assert "taken:usage:2026-01-01" not in drift(stages["news"])


def test_an_invoice_made_anew_leaves_what_its_rollover_has_paid(stages: dict[str, Marts]) -> None:
    # January would draw 80, but 50 of what rolled over are spent: it draws 50, and 30 are owed.
    marts = stages["news"]
    assert total(marts, "o:usage:2026-01-01:r2") == "30"
    assert balance(marts, "old", "drawn_provisional", "rolled_over", "balance") == ["50", "50", "0"]
    assert balance(marts, "rollover:old", "amount", "drawn", "balance") == ["50", "50", "0"]


def test_late_usage_counts_towards_a_promise_that_was_trued_up(stages: dict[str, Marts]) -> None:
    # First the 50 units are charged and counted, then the true-up gives $50 of its 300 back.
    assert drift(stages["news"])["promised:usage:2026-01-01"] == "50"
    assert drift(stages["corrected"]) == {TRUE_UP: "-50"}
    assert balance(stages["corrected"], "promise", "drawn", "trued_up") == ["150", "250"]
    assert total(stages["forgiven"], f"{TRUE_UP}:c1") == "-50"


def test_a_true_up_that_is_void_is_asked_for_no_more(stages: dict[str, Marts]) -> None:
    found = {
        row["status"]
        for row in stages["forgiven"]["invoices"]
        if row["invoice_id"].startswith(TRUE_UP)
    }
    assert found == {"void"}
    assert drift(stages["forgiven"]) == {}
