"""Small catalogs for tests: one that is fine, to be broken in one place."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bursar.catalog.check import check_catalog
from bursar.catalog.relations import BY_NAME
from bursar.errors import Diagnostic

Rows = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Metric:
    name: str
    form: str = "declared"
    group_keys: tuple[str, ...] | None = ("model", "region", "user")


METRICS = (Metric("tokens"), Metric("weighted_tokens", "sql", ("model",)))

USAGE = {
    "product_id": "tokens",
    "product_name": "Tokens",
    "product_type": "usage",
    "metric_name": "tokens",
    "pricing_group_keys": "model",
    "presentation_group_keys": "user",
}
STORAGE = {
    **USAGE,
    "product_id": "storage",
    "pricing_group_keys": "",
    "presentation_group_keys": "",
}
FIXED = {"product_id": "fee", "product_name": "Fee", "product_type": "fixed"}
FLAT = {
    "rate_id": "r1",
    "rate_card_id": "us",
    "product_id": "tokens",
    "pricing_group_values": "model=large",
    "starting_at": "2026-01-01",
    "rate_type": "flat",
    "price": "0.002",
}
TIERED = {
    "rate_id": "r2",
    "rate_card_id": "us",
    "product_id": "storage",
    "starting_at": "2026-01-01",
    "rate_type": "tiered",
}
TIER = {"rate_id": "r2", "tier_start": "0", "price": "1"}
CONTRACT = {
    "contract_id": "k1",
    "customer_id": "acme",
    "rate_card_id": "us",
    "starting_at": "2026-01-01",
}
GOOD: dict[str, Rows] = {
    "customers": [{"customer_id": "acme"}, {"customer_id": "bolt"}],
    "customer_aliases": [{"ingest_alias": "acme-eu", "customer_id": "acme"}],
    "products": [USAGE, STORAGE, FIXED],
    "pricing_units": [{"pricing_unit": "credits"}],
    "rate_cards": [{"rate_card_id": "us", "currency": "USD"}],
    "pricing_unit_conversions": [
        {"rate_card_id": "us", "pricing_unit": "credits", "price_per_unit": "0.01"}
    ],
    "rates": [FLAT, TIERED],
    "rate_tiers": [TIER, {**TIER, "tier_start": "1000", "price": "0.5", "flat_fee": "5"}],
    "contracts": [CONTRACT],
}


def relation_text(relation: str, rows: Rows) -> str:
    """A relation's CSV with all its columns; those that a row does not name are blank."""
    out = io.StringIO()
    writer = csv.DictWriter(out, BY_NAME[relation].column_names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def catalog_files(**changed: Rows) -> dict[str, str]:
    """The good catalog's files, with the rows of some relations replaced."""
    rows = {**GOOD, **changed}
    return {f"seeds/{name}.csv": relation_text(name, found) for name, found in rows.items()}


def problems(**changed: Rows) -> list[Diagnostic]:
    """What is wrong with the good catalog once some relations' rows are replaced."""
    return check_catalog(catalog_files(**changed), METRICS)


def names(**changed: Rows) -> list[str]:
    """The names of what is wrong, in order of place."""
    return [problem.name for problem in problems(**changed)]
