"""A sentence says what the line's own figures bear out, whatever the catalog says today."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from bursar.cli.invoice_groups import groups_of
from bursar.cli.invoice_sentences import sentences_of
from bursar.warehouse.invoice_document import DocumentLine

TIMES = "\N{MULTIPLICATION SIGN}"


def line(**changes: Any) -> dict[str, Any]:
    """A line of 10 units at $2, changed."""
    row: dict[str, Any] = {
        **dict.fromkeys(("tier_start", "commit_id", "commit_type", "covers_line_item_id")),
        **dict.fromkeys(("corrects_invoice_id", "metric_name", "starting_at")),
        "line_item_id": "i:1",
        "line_type": "usage",
        "product_id": "p",
        "product_name": "Product",
        "quantity": "10",
        "unit_price": "2",
        "list_price": "2",
        "amount": "20",
        "pricing_unit": "USD",
        "is_summed": True,
        "is_prorated": False,
        **changes,
    }
    figures = ("quantity", "unit_price", "list_price", "amount", "tier_start")
    return {
        name: Decimal(value) if name in figures and value is not None else value
        for name, value in row.items()
    }


def override(**changes: Any) -> dict[str, Any]:
    return {
        "override_id": "o",
        "override_type": "multiplier",
        "rate_type": None,
        "multiplier": Decimal("0.5"),
        "is_commit_specific": None,
        **changes,
    }


def test_a_multiplier_is_named_where_it_gives_the_price() -> None:
    parts = {"override": [override()]}
    assert sentences_of(line(list_price="4"), parts)[1] == (
        f"The price is the rate card's 4 USD {TIMES} 0.5, by override o."
    )


def test_a_multiplier_that_was_changed_since_is_not_said_to_give_the_price() -> None:
    parts = {"override": [override(multiplier=Decimal("0.25"))]}
    assert sentences_of(line(list_price="4"), parts)[1] == (
        "The price is the contract's own, by override o; the rate card's is 4 USD."
    )


def test_a_tier_whose_price_was_changed_since_does_not_say_where_it_ends() -> None:
    def said(price: str) -> str:
        tier = {
            "tier_start": Decimal(5),
            "tier_end": Decimal(50),
            "unit_price": Decimal(price),
            "is_this_lines": True,
        }
        return sentences_of(line(tier_start="5"), {"tiers": [tier]})[-1]

    assert said("2") == "A billing period's units above 5 up to 50 have this price."
    assert said("3") == "A billing period's units above 5 have this price."


def test_an_amount_that_was_cut_is_not_called_a_product() -> None:
    found = sentences_of(line(amount="20.000000000001"), {})
    assert found == (
        f"10 {TIMES} 2 USD, cut so that the parts of the charge add up to it,"
        " is 20.000000000001 USD.",
    )


def test_a_true_up_whose_promise_was_changed_since_names_no_figures() -> None:
    row = line(line_type="true_up", quantity="1", commit_id="c", commit_type="postpaid")
    parts = {"promise": [{"promised": Decimal(500)}], "matched": [{"amount": Decimal(1)}]}
    assert sentences_of(row, parts) == ("What was promised by the commitment c and not used.",)


@pytest.mark.parametrize(
    "line_type",
    [
        *("usage", "flat_fee", "subscription", "scheduled", "composite", "minimum"),
        *("commit_purchase", "true_up", "commit_applied", "pricing_unit_conversion", "rounding"),
    ],
)
@pytest.mark.parametrize("corrects", [None, "k:usage:2026-01-01"])
def test_a_line_that_nothing_explains_any_more_still_has_a_sentence(
    line_type: str, corrects: str | None
) -> None:
    row = line(line_type=line_type, corrects_invoice_id=corrects, commit_id="c")
    row["starting_at"] = datetime(2026, 1, 1, tzinfo=UTC)
    assert all(sentences_of(row, {}))
    assert sentences_of(row, {})


def test_a_twin_whose_covered_line_is_elsewhere_stands_alone() -> None:
    twin = line(line_type="commit_applied", covers_line_item_id="i:9", amount="-20")
    (group,) = groups_of([DocumentLine(twin, {})], "USD")
    assert [entry.applied for entry in group.entries] == [None]
    assert group.amount == -20


def test_a_product_in_two_units_is_two_groups_and_tokens_come_last() -> None:
    rows = [line(pricing_unit="tokens", is_summed=False), line(), line(amount="5")]
    groups = groups_of([DocumentLine(row, {}) for row in rows], "USD")
    assert [(group.pricing_unit, group.amount) for group in groups] == [
        ("USD", Decimal(25)),
        ("tokens", Decimal(20)),
    ]
