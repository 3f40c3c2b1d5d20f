"""`bursar invoice explain` follows a line of a scenario to the figures that its README gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner, Result

from bursar.cli.main import app
from bursar.project import Project
from tests.support.scenarios import run_scenario

SCENARIOS = Path(__file__).parent


def explained(project: Project, where: str, *options: str) -> Result:
    with duckdb.connect(str(project.published_database), read_only=True) as connection:
        [(line,)] = connection.execute(
            f"select line_item_id from billing.invoice_line_items where {where}"
        ).fetchall()
    command = ["invoice", "explain", line, "--project-dir", str(project.root), *options]
    return CliRunner().invoke(app, command)


def as_json(project: Project, where: str) -> Any:
    said = explained(project, where, "--format", "json")
    assert said.exit_code == 0, said.stderr
    found = json.loads(said.stdout)
    assert found["adds_up"] is True
    return found


def test_a_line_of_usage_leads_to_its_tier_rate_counter_and_events(workbench: Path) -> None:
    project = run_scenario(SCENARIOS / "tier_counter_runs_through_a_price_change", workbench)
    found = as_json(project, "tier_start = 10")
    (counter,) = found["counter"]
    assert (counter["counter_before"], counter["quantity"], counter["counter_after"]) == (
        "8",
        "7",
        "15",
    )
    assert [tier["unit_price"] for tier in found["tiers"]] == ["4", "3"]
    assert [tier["is_this_lines"] for tier in found["tiers"]] == [False, True]
    assert [(line["quantity"], line["amount"]) for line in found["lines"]] == [
        ("2", "8"),
        ("5", "15"),
    ]
    assert found["rate"][0]["rate_id"] == "raised"
    assert sum(int(day["quantity"]) for day in found["days"]) == 7
    assert found["events"]["is_exact"]
    assert sum(int(event["p_n"]) for event in found["events"]["rows"]) == 7
    assert {one["what"] for one in found["sums"]} >= {
        "the events add up to what was metered",
        "the slice's lines add up to it",
    }


def test_an_increase_leads_to_the_quantities_before_it_and_the_hours(workbench: Path) -> None:
    project = run_scenario(
        SCENARIOS / "increase_counts_above_the_highest_so_far_at_once", workbench
    )
    found = as_json(project, "quantity = 3")
    assert [row["quantity"] for row in found["quantities"]] == ["10", "4", "8", "13"]
    (part,) = found["proration"]
    assert (part["hours_covered"], part["hours_of_the_period"], part["unit_price"]) == (
        264,
        744,
        "11",
    )
    assert found["subscription"][0]["is_increase"] is True
    assert found["events"] is None
    page = explained(project, "quantity = 3").stdout
    assert "3 x 11 = 33.00 USD" in page
    assert "the hours give the price: 11 = 11" in page


def test_what_is_made_of_other_lines_leads_to_them(workbench: Path) -> None:
    project = run_scenario(SCENARIOS / "overwrite_of_a_seat_in_tokens", workbench)
    where = "line_type = 'pricing_unit_conversion' and invoice_id like '%scheduled%'"
    found = as_json(project, where)
    assert [(line["pricing_unit"], line["amount"]) for line in found["lines"]] == [
        ("tokens", "100")
    ]
    seat = as_json(project, "line_type = 'subscription' and invoice_id like '%scheduled%'")
    assert seat["override"][0]["override_id"] == "o"
    assert seat["rate"][0]["price"] == "31"


def test_a_divided_charge_and_its_rounding_lead_to_all_dates(workbench: Path) -> None:
    project = run_scenario(SCENARIOS / "divided_charge_adds_up_in_every_currency", workbench)
    found = as_json(project, "contract_id = 'k' and starting_at = timestamp '2026-02-01'")
    assert [row["unit_price"] for row in found["dates"]] == ["33.33", "33.34", "33.33"]
    assert found["dates"][0]["invoice_id"] == "k:scheduled:2026-01-01"


def test_a_rounding_line_leads_to_the_total(workbench: Path) -> None:
    project = run_scenario(SCENARIOS / "multiplier_by_tag_is_prorated_after_it_acts", workbench)
    found = as_json(project, "line_type = 'rounding' and invoice_id like '%scheduled%'")
    assert found["total"][0]["total"] == "5.33"
    assert [line["amount"] for line in found["lines"]] == ["5.333333333328"]


def test_an_unknown_line_is_told_where_lines_are(workbench: Path) -> None:
    project = run_scenario(SCENARIOS / "tiered_override_leaves_a_seat_alone", workbench)
    command = ["invoice", "explain", "k:usage:2026-01-01:feedfeedfeedfeed"]
    with pytest.raises(Exception, match="no invoice line") as raised:
        CliRunner().invoke(
            app, [*command, "--project-dir", str(project.root)], catch_exceptions=False
        )
    assert "bursar invoice show k:usage:2026-01-01 --format json" in str(raised.value.remedy)  # type: ignore[attr-defined]  # - BursarError's
