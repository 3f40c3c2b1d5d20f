"""Rules of products, their versions and pricing units."""

from __future__ import annotations

from collections.abc import Iterator

from bursar.catalog.book import Book, Rule
from bursar.catalog.currencies import MINOR_UNITS
from bursar.errors import Diagnostic
from bursar.words import listed, nearest

# What only the quantity of a metric has.
_USAGE_ONLY = (
    "metric_name",
    "pricing_group_keys",
    "presentation_group_keys",
    "conversion_operation",
    "conversion_factor",
    "rounding_method",
    "rounding_decimal_places",
)
_COMPOSITE_ONLY = ("composite_product_ids", "composite_tags")
_SAME_IN_ALL_VERSIONS = ("product_type", "evaluation")


def versions_that_differ(book: Book) -> Iterator[Diagnostic]:
    """What a product is, and how it is evaluated, stays through its versions."""
    table = book.tables.get("products")
    for versions in book.products.values():
        for name in _SAME_IN_ALL_VERSIONS:
            told = [row for row in versions if row.text(name)]
            for row in told[1:]:
                if table and row.text(name) != told[0].text(name):
                    message = (
                        f"{name} is the same in all versions of a product:"
                        f" line {told[0].line} says {told[0].text(name)},"
                        f" this one {row.text(name)}."
                    )
                    yield table.problem(row, name, "versions-differ", message)


def metrics_where_they_belong(book: Book) -> Iterator[Diagnostic]:
    """A usage product has a metric, no other product has one."""
    for row in book.rows("products"):
        table = book.tables["products"]
        product_type = row.text("product_type")
        if product_type == "usage" and row.is_blank("metric_name"):
            names = listed(sorted(book.metrics)) if book.metrics else ""
            known = f" Metrics: {names}." if names else ""
            message = f"A usage product bills a metric: name one.{known}"
            yield table.problem(row, "metric_name", "no-metric", message)
        if product_type in ("", "usage"):
            continue
        for name in _USAGE_ONLY:
            if row.is_given(name):
                message = f"Only a usage product has a {name}; this one is {product_type}."
                yield table.problem(row, name, "not-a-usage-product", message)


def unknown_group_keys(book: Book) -> Iterator[Diagnostic]:
    """A product splits its metric by keys that the metric has."""
    for row in book.rows("products"):
        metric = (book.metrics or {}).get(row.text("metric_name"))
        if metric is None or metric.group_keys is None:
            continue
        for name in ("pricing_group_keys", "presentation_group_keys"):
            for key in row.items(name):
                if key not in metric.group_keys:
                    keys = listed(sorted(metric.group_keys))
                    has = f"its keys are {keys}" if keys else "it has none"
                    message = (
                        f"The metric {metric.name} has no group key {key}; {has}."
                        f"{nearest(key, metric.group_keys)}"
                    )
                    table = book.tables["products"]
                    yield table.problem(row, name, "unknown-group-key", message, part=key)


def half_conversions(book: Book) -> Iterator[Diagnostic]:
    """An operation and its factor come together."""
    for row in book.rows("products"):
        given, blank = "conversion_operation", "conversion_factor"
        if row.is_given(blank):
            given, blank = blank, given
        if row.is_given(given) and row.is_blank(blank):
            message = f"{given} stands without {blank}. Give both, or neither."
            yield book.tables["products"].problem(row, blank, "half-a-conversion", message)


def composites_without_a_base(book: Book) -> Iterator[Diagnostic]:
    """A composite names usage products, and no other product names any."""
    for row in book.rows("products"):
        table = book.tables["products"]
        product_type = row.text("product_type")
        given = [name for name in _COMPOSITE_ONLY if row.is_given(name)]
        if product_type == "composite" and not given and row.reads(*_COMPOSITE_ONLY):
            message = "A composite is a share of other products: name them, or their tags."
            yield table.problem(row, "composite_product_ids", "no-base", message)
        if product_type not in ("", "composite"):
            for name in given:
                message = f"Only a composite product has {name}; this one is {product_type}."
                yield table.problem(row, name, "not-a-composite-product", message)
        for product_id in row.items("composite_product_ids"):
            base = book.products.get(product_id, ())
            base_types = {version.text("product_type") for version in base} - {"", "usage"}
            if base_types:
                message = (
                    f"A composite is a share of usage lines; {product_id} is {min(base_types)}."
                )
                yield table.problem(
                    row, "composite_product_ids", "base-is-not-usage", message, part=product_id
                )


def units_that_are_currencies(book: Book) -> Iterator[Diagnostic]:
    """A custom unit named like a currency would be taken for it."""
    for row in book.rows("pricing_units"):
        unit = row.text("pricing_unit")
        if unit in MINOR_UNITS:
            message = f"{unit} is a currency of ISO 4217. Give the custom unit another id."
            yield book.tables["pricing_units"].problem(
                row, "pricing_unit", "unit-is-a-currency", message
            )


RULES: tuple[Rule, ...] = (
    versions_that_differ,
    metrics_where_they_belong,
    unknown_group_keys,
    half_conversions,
    composites_without_a_base,
    units_that_are_currencies,
)
