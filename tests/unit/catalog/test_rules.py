"""Rules between rows, told apart from what looks alike and is fine.

What each rule says is in tests/errors/catalog; here is when it says it, and when not.
"""

from __future__ import annotations

import pytest

from bursar.catalog.check import check_catalog
from bursar.catalog.relations import BY_NAME, header
from tests.support.catalogs import (
    CONTRACT,
    FIXED,
    FLAT,
    METRICS,
    STORAGE,
    TIER,
    TIERED,
    USAGE,
    Metric,
    Rows,
    catalog_files,
    names,
    problems,
)


def test_the_good_catalog_is_fine() -> None:
    assert names() == []


def test_an_empty_catalog_is_fine() -> None:
    assert check_catalog({}, METRICS) == []
    headers = {f"seeds/{name}.csv": header(relation) for name, relation in BY_NAME.items()}
    assert check_catalog(headers, METRICS) == []


@pytest.mark.parametrize(
    "changed",
    [
        {
            "rates": [
                FLAT,
                {**TIERED, "starting_at": "2026-01-01"},
                {**FLAT, "rate_id": "r3", "starting_at": "2026-02-01"},
            ]
        },
        {"rates": [FLAT, TIERED, {**FLAT, "rate_id": "r3", "pricing_group_values": "model=small"}]},
        {"rates": [FLAT, TIERED, {**FLAT, "rate_id": "r3", "rate_basis": "commit"}]},
        {"rates": [{**FLAT, "pricing_group_values": '{"model":"a|b=c"}'}, TIERED]},
        {"rates": [{**FLAT, "pricing_unit": "credits"}, {**TIERED, "pricing_unit": "USD"}]},
        {"rates": [{**FLAT, "price": "0"}, {**TIERED, "is_entitled": "FALSE"}]},
        {"rates": [{**FLAT, "price": "-1"}, TIERED]},
        {
            "products": [
                USAGE,
                {
                    **USAGE,
                    "starting_at": "2026-03-01",
                    "metric_name": "weighted_tokens",
                    "presentation_group_keys": "",
                },
                STORAGE,
                FIXED,
            ]
        },
        {
            "products": [
                USAGE,
                {**USAGE, "starting_at": "2026-03-01", "evaluation": "incremental"},
                STORAGE,
                FIXED,
            ]
        },
        {
            "products": [
                {
                    **USAGE,
                    "conversion_operation": "divide",
                    "conversion_factor": "1000",
                    "rounding_method": "up",
                },
                STORAGE,
                FIXED,
            ]
        },
        {
            "products": [
                USAGE,
                STORAGE,
                FIXED,
                {
                    "product_id": "support",
                    "product_type": "composite",
                    "composite_product_ids": "tokens|storage",
                },
            ]
        },
        {"contracts": [CONTRACT, {**CONTRACT, "contract_id": "k2"}]},
        {
            "contracts": [
                {**CONTRACT, "ending_before": "2026-07-01"},
                {
                    **CONTRACT,
                    "contract_id": "k2",
                    "starting_at": "2026-07-01",
                    "renews_contract_id": "k1",
                },
            ]
        },
        {
            "contracts": [
                {**CONTRACT, "billing_anchor": "custom_date", "billing_anchor_date": "2025-12-15"}
            ]
        },
        {"contracts": [{**CONTRACT, "usage_filter_key": "region", "usage_filter_values": "us|eu"}]},
    ],
)  # fmt: skip - one catalog a line reads better than forty lines a catalog
def test_what_a_catalog_may_say(changed: dict[str, Rows]) -> None:
    assert names(**changed) == []


def test_rates_start_together_whatever_the_map_s_order_and_form() -> None:
    product = {**USAGE, "pricing_group_keys": "model|region"}
    first = {**FLAT, "pricing_group_values": "model=large|region=us"}
    second = {**FLAT, "rate_id": "r3", "pricing_group_values": '{"region":"us","model":"large"}'}
    assert names(products=[product, STORAGE, FIXED], rates=[first, second, TIERED]) == [
        "rates-start-together"
    ]


def test_rates_start_together_where_a_default_says_the_same() -> None:
    second = {**FLAT, "rate_id": "r3", "rate_basis": "list", "starting_at": "2026-01-01T00:00:00Z"}
    assert names(rates=[FLAT, second, TIERED]) == ["rates-start-together"]


def test_a_blank_evaluation_is_the_default_in_a_later_version_too() -> None:
    versions = [
        {**USAGE, "evaluation": "period"},
        {**USAGE, "starting_at": "2026-03-01"},
    ]
    assert names(products=[*versions, STORAGE, FIXED]) == ["versions-differ"]


def test_two_versions_from_the_beginning_are_one_too_many() -> None:
    assert names(products=[USAGE, USAGE, STORAGE, FIXED]) == ["duplicate-key"]


def test_a_rate_fits_any_version_of_its_product() -> None:
    later = {**USAGE, "starting_at": "2026-03-01", "pricing_group_keys": "region"}
    rates = [FLAT, {**FLAT, "rate_id": "r3", "pricing_group_values": "region=us"}, TIERED]
    assert names(products=[USAGE, later, STORAGE, FIXED], rates=rates) == []


def test_one_mistake_is_told_once() -> None:
    assert names(customers=[{"customer_id": "ac me"}], customer_aliases=[], contracts=[]) == [
        "bad-id"
    ]
    assert names(rates=[{**FLAT, "price": "free"}, TIERED]) == ["bad-number"]
    assert names(rates=[{**FLAT, "rate_type": "falt"}, TIERED]) == ["unknown-choice"]
    assert names(rate_tiers=[{**TIER, "tier_start": "zero"}]) == ["bad-number"]
    assert names(contracts=[{**CONTRACT, "ending_before": "soon"}]) == ["bad-time"]


def test_an_id_with_a_mistake_is_still_there_for_those_who_refer_to_it() -> None:
    contract = {**CONTRACT, "customer_id": "ac me"}
    found = names(customers=[{"customer_id": "ac me"}], customer_aliases=[], contracts=[contract])
    assert found == ["bad-id", "bad-id"]


def test_rows_that_do_not_read_are_not_missed_elsewhere() -> None:
    files = catalog_files()
    files["seeds/customers.csv"] = header(BY_NAME["customers"]) + "\nacme\n"
    assert [problem.name for problem in check_catalog(files, METRICS)] == ["ragged-row"]


def test_nothing_is_said_about_metrics_that_are_not_known() -> None:
    products = [{**USAGE, "metric_name": "nobody_knows"}, STORAGE, FIXED]
    assert check_catalog(catalog_files(products=products), None) == []
    broken = [Metric("nobody_knows", "", None), *METRICS]
    assert check_catalog(catalog_files(products=products), broken) == []


def test_rows_of_another_source_are_not_missed() -> None:
    files = catalog_files()
    del files["seeds/customers.csv"], files["seeds/rate_tiers.csv"]
    elsewhere = frozenset({"customers", "rate_tiers"})
    assert check_catalog(files, METRICS, elsewhere=elsewhere) == []


def test_a_list_is_underlined_at_the_item_at_fault() -> None:
    (found,) = problems(
        products=[{**USAGE, "pricing_group_keys": "model|modle"}, STORAGE, FIXED], rates=[TIERED]
    )
    assert found.excerpt[found.column - 1 : found.column - 1 + found.width] == "modle"


def test_problems_stand_in_order_of_place() -> None:
    found = problems(
        rates=[{**FLAT, "price": "x", "product_id": "y"}, {**TIERED, "starting_at": ""}],
        contracts=[{**CONTRACT, "customer_id": "z"}],
    )
    assert found == sorted(found)
    assert [problem.path for problem in found] == ["seeds/contracts.csv"] + ["seeds/rates.csv"] * 3
