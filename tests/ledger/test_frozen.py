"""A finalized invoice stays as it is, whatever is done around it."""

from __future__ import annotations

import duckdb
import pytest

from bursar.ledger.finalizing import finalize
from bursar.ledger.verifying import verify
from bursar.project import Project
from bursar.warehouse.build import build
from tests.ledger.figures import (
    FEBRUARY_5,
    FEBRUARY_6,
    METRIC,
    billed,
    land_usage,
    of_invoice,
    totals,
    write_relation,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("ledger")]
FINAL = ("k:usage:2026-01-01", "k2:usage:2026-01-01", "k2:scheduled:2026-02-04")
# What finalization itself says of an invoice.
SAID = ("status", "finalized_at", "content_hash")
NEW_COLUMN = "scheduled_charge_id"


def test_a_finalized_invoice_stays_whatever_changes_around_it(drafted: Project) -> None:
    finalized = drafted
    before = billed(finalized)
    _forget_a_column(finalized)
    finalize(finalized)
    land_usage(finalized, "c1", "2026-01-07T06:00:00Z", 100, received_at=FEBRUARY_5)
    land_usage(finalized, "c2", "2026-01-31T23:00:00Z", 7, received_at=FEBRUARY_5)
    land_usage(finalized, "c1", "2026-02-05T00:00:00Z", 3, received_at=FEBRUARY_5)
    write_relation(finalized, "rates", price="2")
    write_relation(finalized, "customers", customer_name="Renamed")
    write_relation(finalized, "products", product_name="Other units")
    write_relation(finalized, "contracts", net_payment_terms_days="30", ending_before="2026-06-01")
    write_relation(finalized, "scheduled_charge_items", unit_price="11")
    (finalized.metrics / "units.yml").write_text(METRIC.replace("sum", "max"))
    for path in finalized.warehouse.glob("*.duckdb"):
        path.unlink()
    build(finalized, as_of=FEBRUARY_6, full_refresh=True)
    after = billed(finalized)
    for invoice_id in FINAL:
        without = (*SAID, NEW_COLUMN)
        kept = of_invoice(after, invoice_id, without=without)
        assert kept == of_invoice(before, invoice_id, without=without)
        assert of_invoice(after, invoice_id)[0]["status"] == "finalized"
    assert verify(finalized).problems == ()
    # February is billed as of today: 3 units at $2.
    assert totals(finalized)["k:usage:2026-02-01"] == ("draft", "6")


def test_the_ledger_holds_what_was_shown_as_a_draft(finalized: Project) -> None:
    shown = billed(finalized)
    with duckdb.connect() as connection:
        for kind, mart in (("invoices", "invoices"), ("line_items", "invoice_line_items")):
            kept = connection.execute(
                f"from read_parquet('{finalized.ledger / kind}/*.parquet') order by all"
            )
            columns = [column[0] for column in kept.description or ()]
            rows = [dict(zip(columns, row, strict=True)) for row in kept.fetchall()]
            drafted = [row for row in shown[mart] if row["invoice_id"] in FINAL]
            common = [name for name in columns if name in drafted[0] and name not in SAID]
            assert len(common) >= len(drafted[0]) - 5
            assert sorted(str([row[name] for name in common]) for row in rows) == sorted(
                str([row[name] for name in common]) for row in drafted
            )


def _forget_a_column(project: Project) -> None:
    """Makes the published warehouse one of an older version, whose lines had a column less."""
    published = project.published_database.resolve()
    published.chmod(0o644)
    with duckdb.connect(str(published)) as connection:
        connection.execute(f"alter table billing.invoice_line_items drop column {NEW_COLUMN}")
