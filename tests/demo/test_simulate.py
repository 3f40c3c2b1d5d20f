"""A price cut on one model, tried on the demo's history: every figure of the report is checked."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bursar.project import Project
from bursar.simulating.simulation import Simulation, simulate
from bursar.warehouse import database

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo")]
RATE, OLD, NEW = "ss_in_mini_us", "0.00000015", "0.0000001"


@pytest.fixture(scope="module")
def price_cut(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    """Input tokens of the small model in the United States cost a third less."""
    trial = tmp_path_factory.mktemp("price-cut") / "trial"
    trial.mkdir()
    lines = (project.seeds / "rates.csv").read_text().splitlines(keepends=True)
    cut = [line.replace(OLD, NEW) if line.startswith(f"{RATE},") else line for line in lines]
    assert cut != lines
    (trial / "rates.csv").write_text("".join(cut))
    return simulate(project, trial)


def test_the_baseline_equals_the_invoices(project: Project, price_cut: Simulation) -> None:
    assert price_cut.is_published
    of_invoices = {row["invoice_id"]: row["before"] for row in price_cut.invoices.as_dicts()}
    assert of_invoices == dict(_asked(project, "select invoice_id, total from billing.invoices"))
    of_customers = {
        (row["customer_id"], row["currency"]): row["before"]
        for row in price_cut.customers.as_dicts()
    }
    asked = _asked(
        project,
        "select customer_id, currency, sum(total) from billing.invoices group by all",
    )
    assert of_customers == {(customer, currency): total for customer, currency, total in asked}
    of_currencies = {row["currency"]: row["before"] for row in price_cut.totals.as_dicts()}
    assert of_currencies == dict(
        _asked(project, "select currency, sum(total) from billing.invoices group by all")
    )


def test_charges_differ_by_the_cut_times_the_quantity_that_bore_the_price(
    project: Project, price_cut: Simulation
) -> None:
    quantities = dict(
        _asked(
            project,
            "select invoice_id, sum(quantity) from billing.invoice_line_items"
            f" where rate_id = '{RATE}' and line_type = 'usage' group by all",
        )
    )
    changed = {
        row["invoice_id"]: row["subtotal_after"] - row["subtotal_before"]
        for row in price_cut.invoices.as_dicts()
    }
    assert sum(map(bool, changed.values())) > 20
    per_unit = Decimal(NEW) - Decimal(OLD)
    assert changed == {i: quantities.get(i, Decimal(0)) * per_unit for i in changed}


def test_after_is_what_the_simulated_warehouse_bills(
    project: Project, price_cut: Simulation
) -> None:
    with database.simulated(project) as connection:
        billed = dict(
            connection.execute("select invoice_id, total from billing.invoices").fetchall()
        )
    rows = price_cut.invoices.as_dicts()
    assert {row["invoice_id"]: row["after"] for row in rows} == billed
    assert all(row["difference"] == row["after"] - row["before"] for row in rows)
    assert {row["drift"] for row in rows} == {0}
    assert price_cut.newly_unrated.rows == ()


def _asked(project: Project, query: str) -> list[Any]:
    with database.published(project) as connection:
        return connection.execute(query).fetchall()
