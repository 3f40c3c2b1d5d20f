"""The demo, built for real: it has something of everything to show, and keeps to its own books."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from bursar.cli.demo import INVOICE, QUESTIONS, demo
from bursar.errors import BursarError, ExitCode
from bursar.landing.manifests import read_manifests
from bursar.project import Project
from bursar.scaffold.new_project import new_project

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo")]

EVERY_REASON = {
    "unmatched_events": {"unknown_customer", "no_contract", "no_metric", "no_product"},
    "rejected_events": {
        *("malformed", "missing_field", "bad_timestamp", "too_old", "in_future", "too_long"),
    },
    "unrated_usage": {"no_rate"},
}


@pytest.fixture
def published(project: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(project.published_database), read_only=True) as connection:
        yield connection


def _column(connection: duckdb.DuckDBPyConnection, query: str) -> set[Any]:
    return {value for (value,) in connection.execute(query).fetchall()}


@pytest.mark.parametrize("table", EVERY_REASON)
def test_every_reason_has_something_to_show(
    published: duckdb.DuckDBPyConnection, table: str
) -> None:
    assert _column(published, f"select reason from billing.{table}") == EVERY_REASON[table]


def test_numbers_that_do_not_parse_and_conflicting_duplicates_are_there(
    published: duckdb.DuckDBPyConnection,
) -> None:
    assert "1,204" in _column(published, "select text from billing.unmetered_events")
    conflicts = "select is_conflicting from billing.duplicate_events"
    assert _column(published, conflicts) == {True, False}


def test_a_mistyped_model_is_shown_with_the_nearest_one_that_has_a_price(
    published: duckdb.DuckDBPyConnection,
) -> None:
    nearest = _column(
        published,
        "select nearest_pricing_group_values from billing.unrated_usage"
        """ where pricing_group_values = '{"model":"fathom-por","region":"us"}'""",
    )
    assert nearest == {'{"model":"fathom-pro","region":"us"}'}


def test_bills_are_in_three_currencies_of_tiers_fees_and_roundings(
    published: duckdb.DuckDBPyConnection,
) -> None:
    assert _column(published, "select currency from billing.invoices") == {"USD", "EUR", "JPY"}
    types = _column(published, "select line_type from billing.invoice_line_items")
    assert types == {
        *("usage", "flat_fee", "rounding"),
        *("commit_applied", "commit_purchase", "true_up"),
    }


def test_a_price_that_falls_within_a_month_splits_the_line(
    published: duckdb.DuckDBPyConnection,
) -> None:
    prices = published.execute(
        "select starting_at::date::varchar, unit_price::varchar from billing.invoice_line_items"
        " where invoice_id = ? and product_id = 'output_tokens'"
        """ and pricing_group_values = '{"model":"fathom-pro","region":"us"}' order by 1""",
        [INVOICE],
    ).fetchall()
    assert prices == [("2026-10-01", "0.000010000000"), ("2026-10-16", "0.000008000000")]


def test_the_31st_is_clamped_to_the_months_last_day(
    published: duckdb.DuckDBPyConnection,
) -> None:
    starts = _column(
        published,
        "select period_start::date::varchar from billing.invoices"
        " where contract_id = 'meridian_2026'",
    )
    assert starts == {"2026-08-31", "2026-09-30", "2026-10-31"}


def _charged(connection: duckdb.DuckDBPyConnection, invoice_id: str) -> Decimal:
    """What was used in an invoice's period, whoever paid for it."""
    [(amount,)] = connection.execute(
        "select sum(amount) from billing.invoice_line_items"
        " where invoice_id = ? and line_type in ('usage', 'flat_fee')",
        [invoice_id],
    ).fetchall()
    assert isinstance(amount, Decimal)
    return amount


def _total(connection: duckdb.DuckDBPyConnection, invoice_id: str) -> Decimal:
    [(total,)] = connection.execute(
        "select total from billing.invoices where invoice_id = ?", [invoice_id]
    ).fetchall()
    assert isinstance(total, Decimal)
    return total


def _balance(connection: duckdb.DuckDBPyConnection, commit_id: str, columns: str) -> Any:
    [row] = connection.execute(
        f"select {columns} from billing.balances where commit_id = ?", [commit_id]
    ).fetchall()
    return row


def test_a_promise_is_trued_up_by_what_was_not_used(
    published: duckdb.DuckDBPyConnection,
) -> None:
    used = _charged(published, "atlas_2026:usage:2026-09-01")
    assert 0 < used < 8000
    assert _balance(published, "atlas_promise", "drawn_provisional, trued_up") == (
        used,
        8000 - used,
    )
    cent = Decimal("0.01")
    assert _total(published, "atlas_2026:usage:2026-09-01") == used.quantize(cent, ROUND_HALF_UP)
    trued_up = (8000 - used).quantize(cent, ROUND_HALF_UP)
    assert _total(published, "atlas_2026:scheduled:2026-10-31") == trued_up


def test_half_of_a_budget_rolls_over_at_the_renewal_and_the_rest_expires(
    published: duckdb.DuckDBPyConnection,
) -> None:
    used = _charged(published, "hoshi_pilot:usage:2026-09-01")
    rolled = min(100000 - used, Decimal(50000))
    assert _balance(published, "hoshi_prepaid", "rolled_over, expired") == (
        rolled,
        100000 - used - rolled,
    )
    october = _charged(published, "hoshi_2026:usage:2026-10-01")
    assert october > rolled
    due = (october - rolled).quantize(Decimal(1), ROUND_HALF_UP)
    assert _total(published, "hoshi_2026:usage:2026-10-01") == due


def test_a_prepaid_commit_pays_inference_five_percent_below_the_card(
    published: duckdb.DuckDBPyConnection,
) -> None:
    lines = published.execute(
        "select product_id, unit_price, list_price from billing.invoice_line_items"
        " where commit_id = 'meridian_prepaid' and line_type = 'usage'"
    ).fetchall()
    assert {product for product, _, _ in lines} > {"inference_units"}
    for product, price, list_price in lines:
        discount = Decimal("0.95") if product == "inference_units" else 1
        assert price == list_price * discount, product
    assert _total(published, "meridian_2026:scheduled:2026-08-31") == 22500
    assert _total(published, "meridian_2026:usage:2026-09-30") == 0


def test_credits_pay_for_tokens_alone_until_they_are_used_up(
    published: duckdb.DuckDBPyConnection,
) -> None:
    paid = "select product_id from billing.invoice_line_items where commit_id like '{}%'"
    tagged = _column(published, "select product_id from catalog.products where tags = 'tokens'")
    for commit in ("brightpath_monthly", "kestrel_welcome"):
        assert set() < _column(published, paid.format(commit)) < tagged
    assert _balance(published, "kestrel_welcome", "drawn_provisional, balance") == (750, 0)
    assert _balance(published, "brightpath_monthly:2026-10-01", "amount, balance") == (30, 0)
    applied = "select balance_applied from billing.invoices where contract_id = 'brightpath_payg'"
    assert _column(published, applied) == {Decimal(-30)}


def test_the_questions_it_ends_with_have_answers(published: duckdb.DuckDBPyConnection) -> None:
    for question, query in QUESTIONS:
        assert published.execute(query).fetchall(), question


def test_a_second_demo_lands_nothing_and_bills_the_same(project: Project) -> None:
    def bill() -> list[Any]:
        with duckdb.connect(str(project.published_database), read_only=True) as connection:
            return connection.execute(
                "select * from billing.invoice_line_items order by line_item_id"
            ).fetchall()

    before = bill()
    batches = len(read_manifests(project))
    demo(project.root)
    assert len(read_manifests(project)) == batches
    assert bill() == before


def test_the_demo_keeps_out_of_somebodys_own_books(tmp_path: Path) -> None:
    own = new_project(tmp_path / "own")
    with pytest.raises(BursarError, match="a billing project of its own") as caught:
        demo(own.root)
    assert caught.value.exit_code is ExitCode.BAD_USAGE
    assert not list(own.landing.rglob("*.json"))
