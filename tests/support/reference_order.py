"""What a commit may pay for, where that cuts usage, and the order in which segments are used."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.support.reference_catalog import FOREVER, Catalog, Row, items, of_product, pairs
from tests.support.reference_commits import Commit, Segment, commit_segments


def targets(commit: Commit, contract: Row, versions: list[Row]) -> bool:
    """Whether it is about a product, in any version of it, on a contract."""
    return is_on(commit, contract) and any(
        fits_product(commit, version, specifier)
        for version in versions
        for specifier in commit.specifiers or ({},)
    )


def is_on(commit: Commit, contract: Row) -> bool:
    """Whether it may pay on a contract at all."""
    if commit.contract is not None:
        return commit.contract_id == contract["contract_id"]
    named = items(commit.row.get("applicable_contract_ids", ""))
    is_named = not named or contract["contract_id"] in named
    return is_named and commit.customer_id == contract["customer_id"]


def fits_product(commit: Commit, version: Row, specifier: Row) -> bool:
    """Whether a product's version is one of what it may pay for; specifiers stand for its row."""
    tags = items(version.get("tags", ""))
    if commit.specifiers:
        is_it = specifier.get("product_id", "") in ("", version["product_id"])
        return is_it and items(specifier.get("product_tags", "")) <= tags
    ids = items(commit.row.get("applicable_product_ids", ""))
    wanted = items(commit.row.get("applicable_product_tags", ""))
    return not (ids or wanted) or version["product_id"] in ids or bool(wanted & tags)


def drawdown_order(catalog: Catalog, segment: Segment) -> tuple[Any, ...]:
    """The segment's place among those of its customer."""
    commit = segment.commit
    contract_ids = items(commit.row.get("applicable_contract_ids", ""))
    contract_count = 1 if commit.contract else len(contract_ids) or float("inf")
    is_rest = not commit.rolled_from and commit.kind != "postpaid"
    return (
        0 if commit.rolled_from else 1 if is_rest else 2,
        commit.priority,
        is_rest and commit.is_paid,
        _product_count(catalog, commit),
        sum(bool(_groups(specifier)) for specifier in commit.specifiers),
        segment.end,
        segment.start,
        contract_count,
        commit.contract is None,
        commit.commit_id,
        segment.stated_start,
    )


def _groups(specifier: Row) -> dict[str, str]:
    return pairs(specifier.get("pricing_group_values", "")) | pairs(
        specifier.get("presentation_group_values", "")
    )


def _product_count(catalog: Catalog, commit: Commit) -> float:
    """How many products it is about; infinitely many if nothing restricts it."""
    columns = ("applicable_product_ids", "applicable_product_tags")
    if commit.specifiers:
        is_open = any(
            not s.get("product_id") and not s.get("product_tags") for s in commit.specifiers
        )
    else:
        is_open = not any(commit.row.get(column) for column in columns)
    if is_open:
        return float("inf")
    return len(
        {
            version["product_id"]
            for version in catalog["products"]
            for specifier in commit.specifiers or ({},)
            if fits_product(commit, version, specifier)
        }
    )


def balance_spans(catalog: Catalog, as_of: datetime) -> list[Row]:
    """Where balances cut usage: product by product and contract by contract, as rows."""
    spans = []
    product_ids = sorted({row["product_id"] for row in catalog["products"]})
    versions = {
        product_id: of_product(catalog, "products", product_id) for product_id in product_ids
    }
    for segment in commit_segments(catalog, as_of):
        for contract in catalog["contracts"]:
            if not is_on(segment.commit, contract):
                continue
            spans += [
                _span(contract, product_id, segment)
                for product_id, rows in versions.items()
                if targets(segment.commit, contract, rows)
            ]
    return spans


def _span(contract: Row, product_id: str, segment: Segment) -> Row:
    return {
        "contract_id": contract["contract_id"],
        "product_id": product_id,
        "starting_at": segment.start.isoformat(),
        "ending_before": "" if segment.end == FOREVER else segment.end.isoformat(),
    }
