"""`bursar balance` shows the balances of a scenario with the figures that its README gives."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from typer.testing import CliRunner

from bursar.cli.main import app
from bursar.errors import BursarError, ExitCode
from bursar.project import Project

pytestmark = pytest.mark.xdist_group("every_kind_of_balance")

Say = Callable[..., str]


@pytest.fixture
def say(every_kind_of_balance: Project) -> Say:
    def said(*arguments: str) -> str:
        command = ["balance", *arguments, "--project-dir", str(every_kind_of_balance.root)]
        done = CliRunner().invoke(app, command, catch_exceptions=False)
        assert done.exit_code == 0, done.stderr
        return done.stdout or done.stderr

    return said


def words(page: str) -> list[str]:
    return [" ".join(line.split()) for line in page.splitlines() if line.strip()]


def listed(say: Say, *filters: str) -> list[Any]:
    found = json.loads(say("list", *filters, "--format", "json"))
    return [(row["commit_id"], row["balance"]) for row in found]


def test_the_list_shows_what_each_segment_had_used_lost_and_left(say: Say) -> None:
    rows = words(say("list"))[2:]
    assert rows[0] == "annual prepaid acme 2026-01-01 → 2027-01-01 1,000.00 440.00 0.00 560.00 USD"
    assert (
        rows[2] == "promise postpaid globex 2026-01-01 → 2026-04-01 500.00 300.00 200.00 0.00 USD"
    )
    assert rows[3] == "cheap prepaid hooli 2026-01-01 → 2026-07-01 90.00 90.00 0.00 0.00 USD"
    assert rows[7] == "monthly:2026-03-01 credit initech 2026-03-01 → 2026-04-01 100 30 70 0 tokens"
    assert len(rows) == 13


def test_the_list_is_filtered(say: Say) -> None:
    assert listed(say, "--customer", "umbrella") == [("carried", "0"), ("rollover:carried", "0")]
    assert listed(say, "--contract", "umbrella_new") == [("rollover:carried", "0")]
    assert listed(say, "--type", "postpaid") == [("promise", "0")]
    assert listed(say, "--open", "--type", "prepaid") == [("annual", "560"), ("cheap", "60")]
    assert words(say("list", "--open", "--customer", "globex")) == ["No balance is like that."]


def test_an_unknown_customer_or_commit_is_told_with_the_nearest(say: Say) -> None:
    with pytest.raises(BursarError, match="no balance of a customer acm ") as raised:
        say("list", "--customer", "acm")
    assert raised.value.remedy.startswith("Nearest: acme, ")
    with pytest.raises(BursarError, match="There is no commit anual ") as raised:
        say("show", "anual")
    assert raised.value.remedy.startswith("Nearest: annual, ")
    assert raised.value.exit_code is ExitCode.WRONG_INPUT


def test_a_commit_is_a_page_of_its_terms_pace_ledger_and_invoices(say: Say) -> None:
    page = words(say("show", "annual"))
    assert page[:8] == [
        "annual Annual commit",
        "Type prepaid commit: bought ahead, and used up",
        "Customer Acme (acme)",
        "Contract acme_2026",
        "Pays for everything, charged in USD",
        "At the commit rate, where the rate card has one",
        "Order priority 100: the lowest of a customer's pays first",
        "Cost 900.00 USD for 1,000.00 USD, 0.9 each",
    ]
    # 440 in 90 days are 4.888… a day: 560 are used up after 114.5 days more.
    burn_down = page[page.index("Burn-down, in USD") + 1 : page.index("Ledger, in USD")]
    assert burn_down[3] == f"2026-04-01 560.00 {'█' * 22}▍ used -160.00"
    assert burn_down[4:7] == [
        "2026-07-24? 0.00 at this pace",
        "Used 440.00 of 1,000.00 USD, 44 %, from 2026-01-01 to 2026-04-01: 4.89 a day."
        " Left: 560.00 USD.",
        "At this pace it runs dry about 2026-07-24.",
    ]
    assert "2026-03-01 invoice deduction -240.00 720.00 acme_2026:usage:2026-02-01 provisional" in (
        page
    )
    assert page[-4] == "acme_2026:scheduled:2026-01-01 draft 2026-01-01 purchase 1 900.00 USD"
    assert page[-1].endswith("2026-03-01 → 2026-04-01 paid for 1 160.00 USD")


def test_what_a_commit_may_pay_for_and_at_which_price_is_said(say: Say) -> None:
    page = words(say("show", "cheap"))
    assert "Contract the customer's: hooli_2026" in page
    assert "Pays for products tagged metered, charged in USD" in page
    assert "At the usual price, unless changed by an override of balances: half" in page
    assert "2026-01-01 2026-02-10 adjustment -10.00 0.00 Granted twice by mistake" in page
    assert "all together 160.00 -10.00 90.00 60.00" in page
    assert "Not used at all so far: 60.00 USD." in page


def test_a_recurring_commit_shows_all_its_grants_in_their_unit(say: Say) -> None:
    page = words(say("show", "monthly"))
    assert "Type credit: given, and used up; recurring, 6 grants listed" in page
    assert "Segments, in tokens" in page
    assert "all together 600 210 90 300" in page
    assert "Not used at all so far: 300 tokens." in page
    one = words(say("show", "monthly:2026-02-01"))
    assert "monthly:2026-02-01 2026-02-01 → 2026-03-01 100 80 20 0" in one


def test_a_promise_shows_its_true_up_and_a_rollover_both_its_ends(say: Say) -> None:
    promise = words(say("show", "promise"))
    assert "Cost the true-up is due on 2026-04-01" in promise
    assert "2026-04-01 true up -200.00 0.00 provisional" in promise
    assert promise[-1] == "globex_2026:scheduled:2026-04-01 draft 2026-04-01 true-up 1 200.00 USD"
    old = words(say("show", "carried"))
    assert "Rolls over up to 20.00 USD at a renewal of the contract" in old
    assert old.index("2026-03-01 rollover out -20.00 10.00 provisional") < old.index(
        "2026-03-01 expiration -10.00 0.00 provisional"
    )
    new = words(say("show", "rollover:carried"))
    assert "Type prepaid commit: bought ahead, and used up; what carried left at 2026-03-01" in new
    assert "2026-03-01 rollover in 20.00 20.00 What carried left provisional" in new


def test_programs_get_the_rows_of_the_ledger_in_the_order_of_their_balance(say: Say) -> None:
    ledger = json.loads(say("show", "carried", "--format", "json"))
    balance = Decimal(0)
    for entry in ledger:
        balance += Decimal(entry["amount"])
        assert Decimal(entry["running_balance"]) == balance
    assert balance == 0
    rows = list(csv.DictReader(io.StringIO(say("show", "carried", "--format", "csv"))))
    assert [row["entry_type"] for row in rows] == [
        "segment_start",
        "invoice_deduction",
        "invoice_deduction",
        "rollover_out",
        "expiration",
    ]
