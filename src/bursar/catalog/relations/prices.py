"""At what price: rate cards, rates, their tiers, and what a custom unit is worth."""

from __future__ import annotations

from bursar.catalog.schema import (
    CURRENCIES,
    Relation,
    choice,
    flag,
    key_id,
    number,
    pairs,
    reference,
    text,
    time,
)

FREQUENCIES = ("weekly", "monthly", "quarterly", "annual")
RATE_BASES = ("list", "commit")
RATE_TYPES = ("flat", "tiered", "volume", "percentage")
PRICING_UNITS = (CURRENCIES, "pricing_units")

RELATIONS = (
    Relation(
        "rate_cards",
        "One row per rate card: a price book in one currency.",
        (
            key_id("rate_card_id", "The rate card's id."),
            text("rate_card_name", "The name that people read."),
            reference(
                "currency", CURRENCIES, "The card's ISO 4217 currency code.", is_required=True
            ),
        ),
    ),
    Relation(
        "pricing_unit_conversions",
        "One row per rate card and custom pricing unit: what the unit is worth there.",
        (
            key_id("rate_card_id", "The rate card.", "rate_cards"),
            key_id("pricing_unit", "The custom pricing unit.", "pricing_units"),
            number(
                "price_per_unit",
                "The price of one unit in the card's currency.",
                is_required=True,
                at_least="0",
            ),
        ),
    ),
    Relation(
        "rates",
        "One row per price of a product on a rate card, from an instant on.",
        (
            key_id("rate_id", "The rate's id."),
            reference("rate_card_id", "rate_cards", "The card the price is on.", is_required=True),
            reference(
                "product_id", "products", "The product that the price is for.", is_required=True
            ),
            pairs(
                "pricing_group_values",
                "A value for each of the product's pricing group keys: the usage that is priced.",
            ),
            choice(
                "rate_basis",
                RATE_BASES,
                "Whether this is the list price or the price while a commit pays.",
                default="list",
            ),
            time("starting_at", "From when the price counts.", is_required=True),
            time("ending_before", "When it stops counting; blank means never."),
            flag(
                "is_entitled",
                "Whether contracts on the card may use the product.",
                default="true",
            ),
            choice("rate_type", RATE_TYPES, "How the price is made.", is_required=True),
            number("price", "Flat: the price per unit; percentage: the fraction."),
            reference(
                "pricing_unit",
                PRICING_UNITS,
                "What the price is in; blank means the card's currency.",
            ),
            choice(
                "billing_frequency",
                FREQUENCIES,
                "Subscription products: how long a period the price is for.",
            ),
            number("minimum", "Percentage: the least that a period is charged.", at_least="0"),
        ),
    ),
    Relation(
        "rate_tiers",
        "One row per tier of a tiered or volume rate.",
        (
            key_id("rate_id", "The rate that the tier belongs to.", "rates"),
            number(
                "tier_start",
                "The quantity above which the tier begins; 0 for the first.",
                is_key=True,
                is_required=True,
                at_least="0",
            ),
            number("price", "The price per unit in the tier.", is_required=True),
            number("flat_fee", "What is due once the tier is reached.", default="0"),
        ),
    ),
)
