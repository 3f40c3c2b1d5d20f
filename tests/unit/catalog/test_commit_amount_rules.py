"""Rules of what commits are worth and when, told apart from what looks alike and is fine.

What each rule says is in tests/errors/catalog; here is when it says it, and when not.
"""

from __future__ import annotations

import pytest

from bursar.catalog.check import check_catalog
from tests.support.catalogs import METRICS, catalog_files, names, problems
from tests.support.commit_catalogs import (
    ADJUSTMENT,
    GRANTS,
    OF_A_CUSTOMER,
    PROMISED,
    SEGMENT,
    SOLD,
    TRUE_UP,
    said,
)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"ending_before": ""}, []),
        ({"starting_at": "2026-12-31T23:00:00Z"}, []),
        ({"amount": "0"}, []),
        ({"starting_at": "2027-01-01", "ending_before": ""}, ["outside-the-contract"]),
        (
            {"starting_at": "2025-01-01", "ending_before": "2026-01-01"},
            ["outside-the-contract"],
        ),
        ({"starting_at": "2025-12-31T23:00:00Z"}, []),
        ({"ending_before": "2027-01-01T01:00:00Z"}, ["beyond-the-contract"]),
        ({"ending_before": "2026-01-01"}, ["ends-before-it-starts"]),
        ({"amount": "-0.01"}, ["number-out-of-range"]),
        ({"commit_id": "c2"}, ["unknown-reference", "no-segment"]),
    ],
)
def test_a_segment_lies_in_its_contract(row: dict[str, str], expected: list[str]) -> None:
    assert said(SOLD, "commit_segments", row) == expected


def test_a_customers_segment_lies_in_no_contract() -> None:
    commits = [{**OF_A_CUSTOMER, "invoice_contract_id": "k1"}]
    row = {"starting_at": "2030-01-01", "ending_before": "2031-01-01"}
    assert said(SOLD | {"commits": commits}, "commit_segments", row) == []


def test_segments_may_overlap() -> None:
    both = [SEGMENT, {**SEGMENT, "starting_at": "2026-06-01"}]
    assert names(**SOLD | {"commit_segments": both}) == []


def test_segments_and_true_ups_of_another_source_are_not_missed() -> None:
    files = catalog_files(**PROMISED | {"commit_adjustments": [ADJUSTMENT]})
    elsewhere = frozenset({"commit_segments", "commit_invoices"})
    assert check_catalog(files, METRICS, elsewhere=elsewhere) == []


@pytest.mark.parametrize(
    ("relation", "row", "expected"),
    [
        ("commit_invoices", {"invoice_at": "2027-06-01", "amount": "100.00"}, []),
        ("commit_invoices", {"invoice_at": "2026-12-31T23:00:00Z"}, ["true-up-too-early"]),
        ("commit_invoices", {"amount": "99.999999999999"}, ["true-up-of-another-amount"]),
        (
            "commit_invoices",
            {"do_not_invoice": "true", "amount": "90"},
            ["true-up-of-another-amount"],
        ),
        ("commit_segments", {"ending_before": ""}, []),
        ("commit_segments", {"ending_before": "2027-06-01"}, ["beyond-the-contract"]),
        ("commit_segments", {"ending_before": "2026-07-01"}, []),
        ("commits", {"pricing_unit": "USD"}, []),
        ("commits", {"pricing_unit": "credits"}, ["not-in-money"]),
        ("commits", {"rollover_fraction": "0"}, ["postpaid-rolls-over"]),
        ("commits", {"contract_id": "k2"}, []),
        ("commits", {"product_id": ""}, ["no-product"]),
    ],
)  # fmt: skip - one row a line reads better than five
def test_a_true_up_settles_what_was_promised(
    relation: str, row: dict[str, str], expected: list[str]
) -> None:
    assert said(PROMISED, relation, row) == expected


def test_a_promise_without_an_end_is_never_settled() -> None:
    book = PROMISED | {"commit_segments": [{**SEGMENT, "ending_before": ""}]}
    assert said(book, "commits", {"contract_id": "k2"}) == ["no-end-to-true-up"]


def test_a_promise_has_one_segment_and_one_true_up() -> None:
    later = {**SEGMENT, "starting_at": "2026-06-01"}
    assert names(**PROMISED | {"commit_segments": [SEGMENT, later]}) == ["promised-twice"]
    again = {**TRUE_UP, "invoice_at": "2027-02-01"}
    assert names(**PROMISED | {"commit_invoices": [TRUE_UP, again]}) == ["promised-twice"]
    assert names(**PROMISED | {"commit_invoices": []}) == ["no-true-up"]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({}, []),
        ({"amount": "1000"}, []),
        ({"adjusted_at": "2026-01-01"}, []),
        ({"adjusted_at": "2026-12-31T23:00:00Z"}, []),
        ({"adjusted_at": "2027-01-01"}, ["outside-the-segment"]),
        ({"adjusted_at": "2025-12-31T23:00:00Z"}, ["outside-the-segment"]),
        ({"amount": "-100.000000000001"}, ["adjustment-beyond-the-amount"]),
        ({"segment_starting_at": "2026-01-02"}, ["unknown-segment"]),
        ({"commit_id": "c2"}, ["unknown-reference"]),
    ],
)
def test_an_adjustment_lies_in_its_segment(row: dict[str, str], expected: list[str]) -> None:
    book = SOLD | {"commit_adjustments": [ADJUSTMENT]}
    assert said(book, "commit_adjustments", row) == expected


def test_an_adjustment_may_be_dated_before_its_contract_and_not_after_it() -> None:
    early = [{**SEGMENT, "starting_at": "2025-01-01", "ending_before": ""}]
    book = SOLD | {
        "commit_segments": early,
        "commit_adjustments": [{**ADJUSTMENT, "segment_starting_at": "2025-01-01"}],
    }
    assert said(book, "commit_adjustments", {"adjusted_at": "2025-01-01"}) == []
    assert said(book, "commit_adjustments", {"adjusted_at": "2027-01-01"}) == [
        "outside-the-segment"
    ]


def test_of_several_adjustments_the_last_by_date_takes_what_is_left() -> None:
    rows = [
        {**ADJUSTMENT, "adjustment_id": "a1", "adjusted_at": "2026-03-01", "amount": "-60"},
        {**ADJUSTMENT, "adjustment_id": "a2", "adjusted_at": "2026-02-01", "amount": "-60"},
    ]
    (found,) = problems(**SOLD | {"commit_adjustments": rows})
    assert (found.line, found.name) == (2, "adjustment-beyond-the-amount")
    raised = [*rows, {**ADJUSTMENT, "adjustment_id": "a3", "amount": "20"}]
    assert names(**SOLD | {"commit_adjustments": raised}) == []


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"frequency": "daily", "duration_periods": "2"}, []),
        ({"starting_at": "2026-01-01", "ending_before": "2026-01-02"}, []),
        ({"proration": "first", "proration_rounding_method": "down"}, []),
        ({"commit_type": "prepaid", "product_id": "fee", "invoice_amount": "9"}, []),
        ({"commit_type": "prepaid", "invoice_amount": "0"}, []),
        ({"invoice_amount": "9"}, ["credit-with-a-price"]),
        ({"commit_type": "prepaid", "invoice_amount": "9"}, ["no-product"]),
        ({"commit_type": "postpaid"}, ["unknown-choice"]),
        ({"invoice_amount": "-9"}, ["number-out-of-range"]),
        ({"duration_periods": "0"}, ["number-out-of-range"]),
        ({"starting_at": "2027-01-01"}, ["outside-the-contract"]),
        ({"ending_before": "2027-02-01"}, ["beyond-the-contract"]),
        ({"pricing_unit": "EUR"}, ["other-currency"]),
        ({"proration_decimal_places": "2"}, ["places-without-method"]),
        ({"proration_rounding_method": "up"}, ["rounding-without-proration"]),
        ({"applicable_product_ids": "tokens|fee"}, ["never-paid"]),
        ({"rate_basis": "commit"}, ["no-commit-rate"]),
    ],
)
def test_a_recurring_commit_grants_what_a_commit_could(
    row: dict[str, str], expected: list[str]
) -> None:
    assert said(SOLD | {"recurring_commits": [GRANTS]}, "recurring_commits", row) == expected


def test_a_rollover_needs_a_segment_that_ends_with_its_contract() -> None:
    rolls = {"rollover_fraction": "0.5"}
    early = SOLD | {"commit_segments": [{**SEGMENT, "ending_before": "2026-07-01"}]}
    assert said(early, "commits", rolls) == ["rolls-nothing-over"]
    later = {**SEGMENT, "starting_at": "2026-07-01", "ending_before": ""}
    both = {"commit_segments": [*early["commit_segments"], later]}
    assert said(early | both, "commits", rolls) == []
    assert said(early, "commits", {**rolls, "contract_id": "k2"}) == []
