"""Rules of subscriptions and scheduled charges, told apart from what looks alike and is fine.

What each rule says is in tests/errors/catalog; here is when it says it, and when not.
"""

from __future__ import annotations

import pytest

from tests.support.catalogs import CONTRACT, FIXED, FLAT, STORAGE, TIERED, USAGE, Rows, names

SEAT = {"product_id": "seat", "product_name": "Seat", "product_type": "subscription"}
SEAT_RATE = {
    "rate_id": "r3",
    "rate_card_id": "us",
    "product_id": "seat",
    "starting_at": "2026-01-01",
    "rate_type": "flat",
    "price": "20",
    "billing_frequency": "monthly",
}
SUBSCRIPTION = {
    "subscription_id": "s1",
    "contract_id": "k1",
    "product_id": "seat",
    "billing_frequency": "monthly",
}
QUANTITY = {"subscription_id": "s1", "starting_at": "2025-01-01", "quantity": "5"}
TERM = {**CONTRACT, "ending_before": "2027-01-01"}
SOLD: dict[str, Rows] = {
    "products": [USAGE, STORAGE, FIXED, SEAT],
    "rates": [FLAT, TIERED, SEAT_RATE],
    "contracts": [TERM],
    "subscriptions": [SUBSCRIPTION],
    "subscription_quantities": [QUANTITY],
}
CHARGE = {"scheduled_charge_id": "f1", "contract_id": "k1", "product_id": "fee"}
RECURRING = {**CHARGE, "frequency": "monthly", "amount": "75"}
ITEM = {"scheduled_charge_id": "f1", "invoice_at": "2026-02-01", "unit_price": "75"}


def test_a_subscription_is_fine() -> None:
    assert names(**SOLD) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"starting_at": "2026-01-01", "ending_before": "2027-01-01"},
        {"starting_at": "2026-12-31T23:00:00Z"},
        {"ending_before": "2026-01-01T01:00:00Z", "anchor_date": "2019-05-31"},
        {"proration_rounding_method": "up"},
        {"proration_rounding_method": "up", "proration_decimal_places": "2"},
    ],
)
def test_a_subscription_within_its_contract_is_fine(changed: dict[str, str]) -> None:
    assert names(**SOLD | {"subscriptions": [{**SUBSCRIPTION, **changed}]}) == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"starting_at": "2027-01-01"}, "outside-the-contract"),
        ({"starting_at": "2025-01-01", "ending_before": "2026-01-01"}, "outside-the-contract"),
        ({"starting_at": "2025-12-31T23:00:00Z"}, "beyond-the-contract"),
        ({"ending_before": "2027-01-01T01:00:00Z"}, "beyond-the-contract"),
        ({"product_id": "fee"}, "not-a-subscription-product"),
        ({"product_id": "seats"}, "unknown-reference"),
        ({"billing_frequency": ""}, "blank-required"),
        ({"billing_frequency": "quarterly"}, "no-rate-for-the-frequency"),
        ({"proration_decimal_places": "2"}, "places-without-method"),
    ],
)
def test_a_subscription_that_cannot_be_meant_is_named(
    changed: dict[str, str], expected: str
) -> None:
    assert names(**SOLD | {"subscriptions": [{**SUBSCRIPTION, **changed}]}) == [expected]


def test_an_open_contract_ends_no_subscription() -> None:
    open_ended = {"contracts": [CONTRACT], "subscriptions": [SUBSCRIPTION]}
    late = {**SUBSCRIPTION, "starting_at": "2090-01-01", "ending_before": "2099-01-01"}
    assert names(**SOLD | open_ended) == []
    assert names(**SOLD | open_ended | {"subscriptions": [late]}) == []


def test_quantities_are_missed_only_where_their_file_is_whole() -> None:
    assert names(**SOLD | {"subscription_quantities": []}) == ["no-quantity"]
    broken = [{**QUANTITY, "quantity": "five"}]
    assert names(**SOLD | {"subscription_quantities": broken}) == ["bad-number"]


@pytest.mark.parametrize("row", [RECURRING, {**RECURRING, "amount_distribution": "each"}])
def test_a_recurring_charge_needs_no_end_unless_it_is_divided(row: dict[str, str]) -> None:
    assert names(scheduled_charges=[row]) == []
    divided = {**row, "amount_distribution": "divided"}
    assert names(scheduled_charges=[divided]) == ["divided-without-end"]
    assert names(scheduled_charges=[divided], contracts=[TERM]) == []
    assert names(scheduled_charges=[{**divided, "ending_before": "2026-07-01"}]) == []


def test_a_listed_charge_states_nothing_that_recurs() -> None:
    assert names(scheduled_charges=[CHARGE], scheduled_charge_items=[ITEM]) == []
    found = names(scheduled_charges=[RECURRING], scheduled_charge_items=[ITEM])
    assert found == ["listed-and-recurring"] * 2


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (CHARGE, "charge-without-dates"),
        ({**RECURRING, "amount": ""}, "half-a-recurring-charge"),
        ({**RECURRING, "frequency": ""}, "half-a-recurring-charge"),
        ({**RECURRING, "product_id": "storage"}, "not-a-fixed-product"),
        ({**RECURRING, "starting_at": "2027-01-01"}, "charge-never-falls"),
        ({**RECURRING, "ending_before": "2026-01-01"}, "charge-never-falls"),
        ({**RECURRING, "frequency": "daily"}, "unknown-choice"),
    ],
)
def test_a_charge_that_cannot_be_meant_is_named(row: dict[str, str], expected: str) -> None:
    assert names(scheduled_charges=[row], contracts=[TERM]) == [expected]


def test_a_charge_may_outlive_its_contract_if_it_says_so() -> None:
    row = {**RECURRING, "starting_at": "2027-01-01", "ending_before": "2027-03-01"}
    assert names(scheduled_charges=[row], contracts=[TERM]) == []


@pytest.mark.parametrize(("amount", "expected"), [("0.01", []), ("0.010", []), ("1.005", ["x"])])
def test_a_divided_amount_is_of_whole_minor_units(amount: str, expected: list[str]) -> None:
    row = {**RECURRING, "amount": amount, "amount_distribution": "divided"}
    found = names(scheduled_charges=[row], contracts=[TERM])
    assert found == ["divided-too-fine" for _ in expected]
