"""`bursar invoice explain` says of a finalized line what it said of the draft, and what changed."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from bursar.cli.main import app
from bursar.project import Project
from bursar.warehouse.explaining.explanation import Explanation, explain
from bursar.warehouse.explaining.sum import Sum
from tests.exports.conftest import JANUARY, TEST, Stages

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("exports")]
EVERY_TYPE = {
    *("usage", "flat_fee", "subscription", "composite", "minimum", "scheduled", "rounding"),
    *("commit_purchase", "true_up", "commit_applied", "pricing_unit_conversion"),
}


def lines(project: Project, where: str) -> list[str]:
    with duckdb.connect(str(project.published_database.resolve()), read_only=True) as connection:
        query = "select line_item_id from billing.invoice_line_items where "
        found = connection.execute(f"{query}{where} order by invoice_id, line_number").fetchall()
    return [line for (line,) in found]


def query(project: Project, text: str) -> list[Any]:
    with duckdb.connect(str(project.published_database.resolve()), read_only=True) as connection:
        return connection.execute(text).fetchall()


def said(explanation: Explanation) -> Any:
    """What is said, but for whether what was drawn may still change."""
    parts = {
        part.name: [
            {name: value for name, value in row.items() if name != "is_provisional"}
            for row in part.rows
        ]
        for part in explanation.parts
    }
    return parts, [(one.what, one.found, one.expected) for one in explanation.sums]


def explained(project: Project, where: str) -> tuple[Any, int]:
    (line,) = lines(project, where)
    command = ["invoice", "explain", line, "--format", "json", "--project-dir", str(project.root)]
    done = CliRunner().invoke(app, command)
    return json.loads(done.stdout), done.exit_code


def test_nothing_drifts_by_being_finalized(stages: Stages) -> None:
    assert query(stages.finalized, "select * from billing.invoice_drift") == []


def test_every_kind_of_line_is_explained_as_its_draft_was(stages: Stages) -> None:
    types = set()
    for line in lines(stages.finalized, "true"):
        now = explain(stages.finalized, line, events_max=0)
        types.add(now.line["line_type"])
        assert said(now) == said(explain(stages.drafts, line, events_max=0)), line
        assert now.adds_up, line
        assert not now.has_changed, line
    assert types == EVERY_TYPE


def test_a_finalized_line_that_a_balance_cut_still_shows_who_paid(stages: Stages) -> None:
    where = "product_id = 'storage' and commit_id = 'annual' and line_type = 'commit_applied'"
    found, status = explained(stages.finalized, where)
    assert status == 0
    (payment,) = found["payments"]
    assert (payment["left_before"], payment["paid"], payment["left_after"]) == ("50", "50", "0")
    assert found["whole_charge"][0]["amount"] == "60.152005"
    assert found["left_to_pay"][0]["amount"] == "10.152005"


def test_a_line_to_which_usage_came_late_says_so_and_is_no_error(stages: Stages) -> None:
    where = f"invoice_id = '{JANUARY}' and product_id = 'calls' and tier_start = 10000"
    found, status = explained(stages.corrected, f"{where} and line_type = 'usage'")
    assert status == 0
    assert found["has_changed"] is True
    assert [row["quantity"] for row in found["late_usage"]] == ["5000"]
    assert [row["total"] for row in found["corrections"]] == ["-5"]
    assert (found["events"]["count"], found["events"]["late_count"]) == (2, 1)
    differing = [one for one in found["sums"] if one["found"] != one["expected"]]
    assert [(one["what"], one["found"], one["expected"]) for one in differing] == [
        ("the slice's lines add up to it", "15000", "20000")
    ]


def test_a_page_says_that_the_line_stays_as_it_is(stages: Stages) -> None:
    (line,) = lines(
        stages.corrected, f"invoice_id = '{JANUARY}' and tier_start = 10000 and line_type = 'usage'"
    )
    command = ["invoice", "explain", line, "--project-dir", str(stages.corrected.root)]
    page = CliRunner().invoke(app, command).stdout
    assert "Finalized 2026-02-03, finalized now. It stays as it is;" in page
    assert "the slice's lines add up to it: 15,000 is no longer 20,000" in page
    assert (
        "Events that it counts in its slice of time: 2; 1 came when the invoice was final" in page
    )


def test_a_corrections_line_shows_what_was_said_before(stages: Stages) -> None:
    found, status = explained(
        stages.corrected, f"invoice_id = '{JANUARY}:c1' and product_id = 'calls'"
    )
    assert status == 0
    assert [
        (row["invoice_id"], row["quantity"], row["is_before"]) for row in found["corrected"]
    ] == [(JANUARY, "5000", True), (f"{JANUARY}:c1", "5000", False)]


def test_every_line_of_a_correction_and_of_a_void_invoice_is_explained(stages: Stages) -> None:
    for invoice_id in (f"{JANUARY}:c1", TEST):
        found = lines(stages.corrected, f"invoice_id = '{invoice_id}'")
        assert found
        for line in found:
            explanation = explain(stages.corrected, line, events_max=1)
            assert explanation.adds_up, line
            assert explanation.parts, line


def test_what_the_invoice_itself_says_must_hold_whatever_changed(stages: Stages) -> None:
    (line,) = lines(stages.corrected, f"invoice_id = '{JANUARY}' and line_type = 'rounding'")
    explanation = explain(stages.corrected, line, events_max=0)
    wrong = Sum("the total less the lines is the rounding", Decimal(1), Decimal(2))
    assert not Explanation(explanation.line, explanation.parts, None, (wrong,)).adds_up
    of_today = Sum(wrong.what, wrong.found, wrong.expected, is_of_today=True)
    assert Explanation(explanation.line, explanation.parts, None, (of_today,)).adds_up
    unchanged = explain(stages.finalized, line, events_max=0)
    assert not Explanation(unchanged.line, unchanged.parts, None, (of_today,)).adds_up
