"""The slow rater's composites: shares of other lines on the same invoice, and their minimum."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from tests.support.reference_catalog import Catalog, Row, items, of_product, to_places
from tests.support.reference_lines import NO_GROUPS, Line, Span, cuts, version_at
from tests.support.reference_prices import FIRST, Price, price_at


def composite_lines(
    catalog: Catalog,
    contract: Row,
    versions: list[Row],
    period: Span,
    base: list[Line],
) -> Iterator[Line]:
    """A composite's shares of the lines it is based on, and what lacks to its minimum."""
    prices = {}
    for low in cuts(catalog, contract, versions, period)[:-1]:
        version = version_at(versions, low)
        price = version and price_at(catalog, contract, version, NO_GROUPS, low)
        if isinstance(price, Price):
            prices[low] = price
    if not prices:
        return
    about = Line(contract["contract_id"], period[0], "composite", versions[0]["product_id"])
    shares: dict[tuple[str, Decimal], Decimal] = defaultdict(Decimal)
    for line in base:
        assert line.starting_at is not None
        version = version_at(versions, line.starting_at)
        price = version and price_at(catalog, contract, version, NO_GROUPS, line.starting_at)
        if version and isinstance(price, Price) and _is_base(catalog, version, line):
            shares[line.pricing_unit, price.unit_price(FIRST)] += line.amount
    first = next(iter(prices.values()))
    if not shares:
        shares[first.unit, first.unit_price(FIRST)] = Decimal(0)
    charged = Decimal(0)
    rate_row = prices[max(prices)]
    unit = (rate_row.listed or rate_row).unit
    for (pricing_unit, share), amount in shares.items():
        line = replace(
            about,
            pricing_unit=pricing_unit,
            quantity=amount,
            unit_price=share,
            amount=to_places(amount * share),
        )
        charged += line.amount if pricing_unit == unit else 0
        yield line
    minimum = rate_row.rate.get("minimum")
    if minimum and charged < Decimal(minimum):
        lacking = Decimal(minimum) - charged
        yield replace(
            about,
            line_type="minimum",
            pricing_unit=unit,
            quantity=Decimal(1),
            unit_price=lacking,
            amount=lacking,
        )


def _is_base(catalog: Catalog, composite: Row, line: Line) -> bool:
    """Whether a composite is a share of a line, by the base product's version at its start."""
    assert line.starting_at is not None
    base = version_at(of_product(catalog, "products", line.product_id), line.starting_at)
    named = line.product_id in items(composite.get("composite_product_ids", ""))
    tags = items((base or {}).get("tags", "")) & items(composite.get("composite_tags", ""))
    is_free = line.unit_price == 0 and composite.get("composite_excludes_free") == "true"
    return bool(named or tags) and not is_free
