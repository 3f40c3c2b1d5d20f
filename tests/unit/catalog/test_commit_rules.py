"""Rules of whose commits are, what they pay for and what overrides them, told apart.

What each rule says is in tests/errors/catalog; here is when it says it, and when not.
"""

from __future__ import annotations

import pytest

from tests.support.catalogs import FLAT, TIERED, Rows, names
from tests.support.commit_catalogs import (
    COMMIT,
    COMMIT_RATE,
    GRANTS,
    OF_A_CUSTOMER,
    OVERRIDE,
    PROMISED,
    SEGMENT,
    SOLD,
    TRUE_UP,
    said,
)


def test_a_commit_with_a_segment_and_a_purchase_is_fine() -> None:
    assert names(**SOLD) == []
    assert names(**PROMISED) == []


@pytest.mark.parametrize(
    "row",
    [
        {"commit_type": "postpaid", "contract_id": "k2"},
        {"pricing_unit": "credits", "rollover_fraction": "1"},
        {"pricing_unit": "USD", "priority": "-1"},
        {"applicable_product_ids": "tokens|storage", "applicable_product_tags": "models"},
        OF_A_CUSTOMER,
        {**OF_A_CUSTOMER, "pricing_unit": "credits", "applicable_contract_ids": "k1|k2"},
        {"commit_id": "c1", "product_id": ""},
    ],
)
def test_what_a_commit_may_say(row: dict[str, str]) -> None:
    kept_quiet = {**TRUE_UP, "do_not_invoice": "true"}
    assert said(SOLD | {"commit_invoices": [kept_quiet]}, "commits", row) == []


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"contract_id": ""}, ["commit-of-nobody"]),
        ({"customer_id": "acme"}, ["commit-of-two"]),
        ({"customer_id": "bolt"}, ["commit-of-two"]),
        ({"contract_id": "k9"}, ["unknown-reference"]),
        ({"invoice_contract_id": "k1"}, ["not-at-customer-level"]),
        ({"applicable_contract_ids": "k1|k2"}, ["not-at-customer-level"]),
        ({"product_id": ""}, ["no-product"]),
        ({"product_id": "tokens"}, ["not-a-fixed-product"]),
        ({"commit_type": "credit"}, ["credit-with-a-price"]),
        ({"rollover_fraction": "1.1"}, ["number-out-of-range"]),
        ({"pricing_unit": "EUR"}, ["other-currency"]),
        ({"rate_basis": "commit"}, ["no-commit-rate"]),
        (OF_A_CUSTOMER, ["nobody-to-invoice"]),
        ({**OF_A_CUSTOMER, "invoice_contract_id": "b1"}, ["contract-of-another-customer"]),
        (
            {**OF_A_CUSTOMER, "invoice_contract_id": "k1", "applicable_contract_ids": "k2|b1"},
            ["contract-of-another-customer"],
        ),
        (
            {**OF_A_CUSTOMER, "invoice_contract_id": "k1", "pricing_unit": ""},
            ["no-pricing-unit"],
        ),
        (
            {**OF_A_CUSTOMER, "invoice_contract_id": "k1", "rollover_fraction": "0.5"},
            ["rolls-nothing-over"],
        ),
    ],
)
def test_a_commit_that_cannot_be_meant_is_named(row: dict[str, str], expected: list[str]) -> None:
    assert said(SOLD, "commits", row) == expected


def test_nothing_is_invoiced_where_nothing_is_due() -> None:
    silent = SOLD | {"commits": [{**OF_A_CUSTOMER, "product_id": ""}]}
    for row in ({"amount": "0"}, {"amount": "0.00"}, {"do_not_invoice": "TRUE"}):
        assert said(silent, "commit_invoices", row) == []
    assert names(**silent | {"commit_invoices": []}) == []


def test_a_credit_may_have_an_invoice_of_nothing() -> None:
    credit = SOLD | {"commits": [{**COMMIT, "commit_type": "credit", "product_id": ""}]}
    assert said(credit, "commit_invoices", {"amount": "0"}) == []


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({}, []),
        ({"product_id": "tokens", "pricing_group_values": "model=large"}, []),
        ({"pricing_group_values": "model=large", "presentation_group_values": "user=u1"}, []),
        ({"product_tags": "models|fast"}, []),
        ({"product_id": "tokens", "product_tags": "fast"}, []),
        ({"product_tags": "models|disk"}, ["specifier-fits-nothing"]),
        ({"product_id": "storage", "product_tags": "fast"}, ["specifier-fits-nothing"]),
        ({"product_tags": "slow"}, ["unknown-tag"]),
        ({"product_id": "fee"}, ["never-paid"]),
        ({"product_id": "storage", "pricing_group_values": "model=l"}, ["unknown-target-key"]),
        ({"presentation_group_values": "model=large"}, ["unknown-target-key"]),
    ],
)
def test_a_specifier_fits_something(row: dict[str, str], expected: list[str]) -> None:
    blank = {"commit_id": "c1", "specifier_id": "1"}
    assert said(SOLD | {"commit_specifiers": [blank]}, "commit_specifiers", row) == expected


def test_specifiers_and_applicable_products_do_not_go_together() -> None:
    book = SOLD | {"commit_specifiers": [{"commit_id": "c1", "specifier_id": "1"}]}
    both = {"applicable_product_ids": "tokens", "applicable_product_tags": "disk"}
    assert said(book, "commits", both) == ["products-beside-specifiers"] * 2


@pytest.mark.parametrize(
    ("commit_id", "expected"),
    [
        ("g1", ["id-of-others"]),
        ("g1:2026-02-01", ["id-of-others"]),
        ("g1:2026-02-01T07", ["id-of-others"]),
        ("rollover:x", ["id-of-others"]),
        ("rollover", ["id-of-others"]),
        ("g1:february", []),
        ("g2:2026-02-01", []),
        ("rollovers", []),
    ],
)
def test_grants_and_rollovers_have_ids_of_their_own(commit_id: str, expected: list[str]) -> None:
    book: dict[str, Rows] = {
        "commits": [{**COMMIT, "commit_id": commit_id}],
        "commit_segments": [{**SEGMENT, "commit_id": commit_id}],
        "recurring_commits": [GRANTS],
    }
    assert names(**book) == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"is_commit_specific": "true"}, []),
        ({"is_commit_specific": "true", "commit_ids": "c1|g1"}, []),
        ({"is_commit_specific": "true", "commit_ids": "l1"}, []),
        ({"rate_basis": "commit", "commit_ids": "g1"}, ["balance-at-list-rates"]),
        ({"commit_ids": "c1"}, ["commit-ids-without-use"]),
        ({"is_commit_specific": "true", "commit_ids": "c9"}, ["unknown-reference"]),
        (
            {"contract_id": "k2", "is_commit_specific": "true", "commit_ids": "c1|g1"},
            ["balance-of-another-contract"] * 2,
        ),
        (
            {"contract_id": "k2", "is_commit_specific": "true", "commit_ids": "l1"},
            ["balance-of-another-contract"],
        ),
        (
            {"contract_id": "b1", "is_commit_specific": "true", "commit_ids": "l1"},
            ["balance-of-another-contract"],
        ),
        ({"is_commit_specific": "true", "is_entitled": "true"}, ["entitled-by-balance"]),
        (
            {
                "override_type": "overwrite",
                "multiplier": "",
                "price": "1",
                "commit_ids": "c1",
                "is_commit_specific": "true",
            },
            [],
        ),
        (
            {
                "override_type": "overwrite",
                "multiplier": "",
                "price": "1",
                "commit_ids": "c1",
                "is_commit_specific": "true",
                "pricing_unit": "credits",
            },
            ["own-price-in-another-unit"],
        ),
    ],
)  # fmt: skip - one override a line reads better than five
def test_an_override_meets_the_balances_it_names(row: dict[str, str], expected: list[str]) -> None:
    book = SOLD | {
        "rates": [FLAT, TIERED, COMMIT_RATE],
        "commits": [COMMIT, {**OF_A_CUSTOMER, "commit_id": "l1", "applicable_contract_ids": "k1"}],
        "commit_segments": [SEGMENT, {**SEGMENT, "commit_id": "l1"}],
        "recurring_commits": [GRANTS],
        "contract_overrides": [OVERRIDE],
    }
    assert said(book, "contract_overrides", row) == expected
