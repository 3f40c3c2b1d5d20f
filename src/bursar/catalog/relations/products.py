"""What is sold: products and their versions, and the units that prices are in."""

from __future__ import annotations

from bursar.catalog.schema import (
    METRICS,
    Relation,
    choice,
    flag,
    items,
    key_id,
    key_time,
    number,
    reference,
    text,
    whole,
)

PRODUCT_TYPES = ("usage", "subscription", "composite", "fixed")
ROUNDING_METHODS = ("up", "down", "half_up")

RELATIONS = (
    Relation(
        "products",
        "One row per version of a product: what a line on an invoice is for.",
        (
            key_id("product_id", "The product's id, the same in all its versions."),
            key_time(
                "starting_at",
                "From when this version counts; blank means from the beginning.",
                is_required=False,
            ),
            text("product_name", "The name that people read on invoices."),
            choice("product_type", PRODUCT_TYPES, "How the product is charged.", is_required=True),
            items("tags", "Words by which overrides, commits and composites pick products."),
            reference("metric_name", METRICS, "The metric that a usage product bills."),
            items("pricing_group_keys", "The metric's group keys that decide which price applies."),
            items("presentation_group_keys", "The metric's group keys that only split the lines."),
            choice(
                "conversion_operation",
                ("multiply", "divide"),
                "How the metric's quantity becomes the billed one.",
            ),
            number(
                "conversion_factor", "What the quantity is multiplied or divided by.", above="0"
            ),
            choice("rounding_method", ROUNDING_METHODS, "How the billed quantity is rounded."),
            whole(
                "rounding_decimal_places",
                "The decimal places that the billed quantity keeps.",
                at_least="0",
                at_most="12",
            ),
            choice(
                "evaluation",
                ("incremental", "period"),
                "Whether the metric is evaluated at every cut or once at the period's end.",
                default="incremental",
            ),
            items(
                "composite_product_ids", "The products that a composite is a share of.", "products"
            ),
            items("composite_tags", "The tags of products that a composite is a share of."),
            flag(
                "composite_excludes_free", "Whether a composite leaves out lines of unit price 0."
            ),
        ),
    ),
    Relation(
        "pricing_units",
        "One row per custom pricing unit: what prices are in, besides currencies.",
        (
            key_id("pricing_unit", "The unit's id; not the code of a currency."),
            text("pricing_unit_name", "The name that people read."),
        ),
    ),
)
