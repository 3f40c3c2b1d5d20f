"""`bursar invoice explain` says who paid for a line, with the figures of a scenario's README."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner, Result

from bursar.cli.main import app
from bursar.project import Project
from bursar.warehouse.explaining.explanation import explain
from bursar.warehouse.explaining.sums import sums_of

pytestmark = pytest.mark.xdist_group("every_kind_of_balance")


@pytest.fixture
def project(every_kind_of_balance: Project) -> Project:
    return every_kind_of_balance


def lines(project: Project, where: str) -> list[str]:
    with duckdb.connect(str(project.published_database), read_only=True) as connection:
        query = f"select line_item_id from billing.invoice_line_items where {where} order by 1"
        return [line for (line,) in connection.execute(query).fetchall()]


def explained(project: Project, where: str, *options: str) -> Result:
    (line,) = lines(project, where)
    command = ["invoice", "explain", line, "--project-dir", str(project.root), *options]
    return CliRunner().invoke(app, command)


def as_json(project: Project, where: str) -> Any:
    said = explained(project, where, "--format", "json")
    assert said.exit_code == 0, said.stderr
    found = json.loads(said.stdout)
    assert found["adds_up"] is True
    return found


def said(found: Any) -> set[str]:
    return {one["what"] for one in found["sums"]}


def test_every_line_adds_up_and_names_who_paid(project: Project) -> None:
    for line in lines(project, "true"):
        explanation = explain(project, line, 0)
        assert explanation.adds_up, line
        names = {part.name for part in explanation.parts}
        assert ("commit" in names) is (explanation.line["commit_id"] is not None), line


def test_a_charge_that_two_balances_share_shows_both_prices_and_what_each_had_left(
    project: Project,
) -> None:
    found = as_json(project, "commit_id = 'trial' and line_type = 'usage'")
    assert [
        (row["commit_id"], row["price"], row["quantity"], row["unit_price"])
        for row in found["payments"]
    ] == [("trial", "ordinary", "50", "1"), ("annual", "its own", "50", "0.8")]
    assert [(row["left_before"], row["paid"], row["left_after"]) for row in found["payments"]] == [
        ("50", "50", "0"),
        ("1000", "40", "960"),
    ]
    assert [row["is_this_line"] for row in found["payments"]] == [True, False]
    assert [(row["quantity"], row["amount"]) for row in found["whole_charge"]] == [("100", "100")]
    assert "left_to_pay" not in found
    # Each line of the slice once, and no twin: 50 + 50 are the 100 that were used.
    assert sorted(row["commit_id"] for row in found["lines"]) == ["annual", "trial"]
    assert {row["line_type"] for row in found["lines"]} == {"usage"}


def test_a_commit_rate_and_an_override_of_balances_are_where_the_price_came_from(
    project: Project,
) -> None:
    committed = as_json(project, "commit_id = 'annual' and quantity = 300")
    (rate,) = committed["rate"]
    assert (rate["rate_id"], rate["rate_basis"], rate["price"]) == ("committed", "commit", "0.8")
    halved = as_json(project, "commit_id = 'cheap' and line_type = 'usage'")
    (override,) = halved["override"]
    assert (override["override_id"], override["multiplier"]) == ("half", "0.5")
    assert (override["is_commit_specific"], override["commit_ids"]) == (True, '["cheap"]')
    (entry,) = halved["ledger_entry"]
    assert (entry["amount"], entry["lines_that_it_paid"]) == ("-90", "90")


def test_what_a_segment_that_ran_dry_left_is_priced_anew(project: Project) -> None:
    where = "contract_id = 'hooli_2026' and line_type = 'usage' and quantity = 120"
    found = as_json(project, where)
    (payment,) = found["payments"]
    assert (payment["commit_id"], payment["quantity"], payment["left_after"]) == (
        "cheap",
        "180",
        "0",
    )
    assert [(row["quantity"], row["amount"]) for row in found["left_to_pay"]] == [("120", "120")]
    assert "what no balance paid is left to pay" in said(found)
    assert "quantity times unit price is the amount" not in said(found)


def test_a_twin_leads_to_the_line_that_it_covers(project: Project) -> None:
    found = as_json(project, "line_type = 'commit_applied' and quantity = -300")
    (covered,) = found["covered"]
    assert (covered["quantity"], covered["amount"]) == ("300", "240")
    assert "the covered line, negated, is the amount" in said(found)
    assert "what_it_does" in found["commit"][0]
    assert found["commit"][0]["what_it_does"] is None


def test_the_twin_of_a_promise_says_that_it_is_informational(project: Project) -> None:
    found = as_json(project, "line_type = 'commit_applied' and quantity = -90")
    assert found["commit"][0]["what_it_does"].startswith("informational: the customer pays")
    (payment,) = found["payments"]
    assert (payment["left_before"], payment["left_after"]) == ("400", "310")
    page = explained(project, "line_type = 'commit_applied' and quantity = -90").stdout
    assert "informational: the customer pays, and the promise falls" in page


def test_a_purchase_and_a_true_up_lead_to_what_they_are_made_of(project: Project) -> None:
    bought = as_json(project, "line_type = 'commit_purchase' and commit_id = 'annual'")
    assert [(row["amount"], row["is_this_lines"]) for row in bought["purchases"]] == [("900", True)]
    trued = as_json(project, "line_type = 'true_up'")
    assert trued["promise"][0]["promised"] == "500"
    assert [row["amount"] for row in trued["matched"]] == ["100", "90", "110"]
    assert "the promise less what met it is the amount" in said(trued)


def test_a_conversion_is_of_the_lines_that_no_balance_paid(project: Project) -> None:
    found = as_json(project, "line_type = 'pricing_unit_conversion'")
    assert [(row["line_type"], row["amount"]) for row in found["lines"]] == [("usage", "50")]


def test_a_payment_that_is_not_the_line_is_told(project: Project) -> None:
    """The sums are worked out anew: with one figure changed they no longer hold."""
    (line,) = lines(project, "commit_id = 'cheap' and line_type = 'usage'")
    explanation = explain(project, line, 0)
    parts: dict[str, Any] = {
        part.name: [dict(row) for row in part.rows] for part in explanation.parts
    }
    assert all(one.found == one.expected for one in sums_of(explanation.line, parts))
    for part, column in (
        ("payments", "paid"),
        ("payments", "quantity"),
        ("left_to_pay", "amount"),
        ("ledger_entry", "amount"),
        ("whole_charge", "quantity"),
    ):
        right = parts[part][0][column]
        parts[part][0][column] = right + Decimal(1)
        assert any(one.found != one.expected for one in sums_of(explanation.line, parts)), part
        parts[part][0][column] = right
