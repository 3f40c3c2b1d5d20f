"""To whom: contracts, what they override, and what they charge besides usage."""

from __future__ import annotations

from bursar.catalog.relations.prices import FREQUENCIES, PRICING_UNITS, RATE_BASES
from bursar.catalog.relations.products import ROUNDING_METHODS
from bursar.catalog.schema import (
    Relation,
    choice,
    flag,
    items,
    key_id,
    key_time,
    number,
    pairs,
    reference,
    text,
    time,
    whole,
)

CONTRACTS = Relation(
    "contracts",
    "One row per contract: a customer's agreement to a rate card over a term.",
    (
        key_id("contract_id", "The contract's id."),
        reference("customer_id", "customers", "The customer who is billed.", is_required=True),
        text("contract_name", "The name that people read."),
        reference("rate_card_id", "rate_cards", "The prices that apply.", is_required=True),
        time("starting_at", "When the contract starts.", is_required=True),
        time("ending_before", "When it ends; blank means it runs on."),
        choice(
            "billing_frequency",
            FREQUENCIES,
            "How long a billing period is.",
            default="monthly",
        ),
        choice(
            "billing_anchor",
            ("first_of_month", "contract_start", "custom_date"),
            "The instant that billing periods are counted from.",
            default="first_of_month",
        ),
        time("billing_anchor_date", "The instant that a custom_date anchor stands at."),
        time("usage_invoices_from", "Periods that end by this instant get no usage invoice."),
        choice(
            "multiplier_prioritization",
            ("lowest", "explicit"),
            "Which of several multipliers wins: the lowest, or the one of lowest priority.",
            default="lowest",
        ),
        flag(
            "scheduled_charges_on_usage_invoices",
            "Whether scheduled charges go on usage invoices instead of their own.",
        ),
        text("usage_filter_key", "The group key by which the contract picks its usage."),
        items("usage_filter_values", "The values of that key whose usage the contract rates."),
        reference("renews_contract_id", "contracts", "The contract that this one continues."),
        whole(
            "net_payment_terms_days",
            "Days from an invoice's issue to its due date.",
            default="0",
            at_least="0",
        ),
    ),
)

OVERRIDES = (
    Relation(
        "contract_overrides",
        "One row per exception that a contract makes to the rate card.",
        (
            key_id("override_id", "The override's id."),
            reference("contract_id", "contracts", "The contract.", is_required=True),
            choice(
                "override_type",
                ("overwrite", "multiplier", "tiered"),
                "Whether it replaces the price, multiplies it, or does so by tiers.",
                is_required=True,
            ),
            time("starting_at", "From when it counts.", is_required=True),
            time("ending_before", "When it stops counting; blank means never."),
            time("created_at", "When it was agreed: of equals, the newest wins."),
            reference("product_id", "products", "Target: the product."),
            items("product_tags", "Target: products with any of these tags."),
            pairs("pricing_group_values", "Target: usage whose pricing values hold these."),
            pairs(
                "presentation_group_values", "Target: usage whose presentation values hold these."
            ),
            choice("billing_frequency", FREQUENCIES, "Target: rates of this frequency."),
            flag("is_entitled", "Effect: whether the contract may use the product.", default=""),
            number("multiplier", "Effect: what the list price is multiplied by.", at_least="0"),
            choice(
                "rate_type",
                ("flat", "tiered", "volume", "percentage"),
                "Effect: how the new price is made; blank means tiered with tiers, else flat.",
            ),
            number("price", "Effect: the new price per unit, or the fraction."),
            reference(
                "pricing_unit",
                PRICING_UNITS,
                "Effect: what the new price is in; blank keeps the list rate's.",
            ),
            whole(
                "priority", "Of several multipliers the lowest wins, where the contract says so."
            ),
            flag("is_commit_specific", "Whether it acts only on what a balance pays."),
            items(
                "commit_ids",
                "The commits or recurring commits that it acts for; blank means any balance.",
                ("commits", "recurring_commits"),
            ),
            choice(
                "rate_basis",
                RATE_BASES,
                "Whether it acts on the list price or on the commit price.",
                default="list",
            ),
        ),
    ),
    Relation(
        "override_tiers",
        "One row per tier of an override.",
        (
            key_id("override_id", "The override that the tier belongs to.", "contract_overrides"),
            number(
                "tier_start",
                "The quantity above which the tier begins; 0 for the first.",
                is_key=True,
                is_required=True,
                at_least="0",
            ),
            number("price", "Overwrite: the price per unit in the tier."),
            number("flat_fee", "Overwrite: what is due once the tier is reached."),
            number("multiplier", "Tiered: what the list price is multiplied by.", at_least="0"),
        ),
    ),
)

SUBSCRIPTIONS = (
    Relation(
        "subscriptions",
        "One row per subscription: a product charged by the period, whatever is used.",
        (
            key_id("subscription_id", "The subscription's id."),
            reference("contract_id", "contracts", "The contract.", is_required=True),
            reference("product_id", "products", "The subscription product.", is_required=True),
            text("subscription_name", "The name that people read."),
            choice("billing_frequency", FREQUENCIES, "How long a period is.", is_required=True),
            choice(
                "collection",
                ("advance", "arrears"),
                "Whether a period is charged at its start or at its end.",
                default="advance",
            ),
            time("starting_at", "When it starts; blank means with the contract."),
            time("ending_before", "When it ends; blank means with the contract."),
            time("anchor_date", "What periods count from; blank means the contract's anchor."),
            flag("is_prorated", "Whether a cut period is charged by the hour.", default="true"),
            choice(
                "proration_invoicing",
                ("next", "immediate"),
                "Whether an increase waits for the next usage invoice.",
                default="next",
            ),
            whole(
                "proration_decimal_places",
                "The decimal places that a prorated price keeps.",
                at_least="0",
                at_most="12",
            ),
            choice(
                "proration_rounding_method",
                ROUNDING_METHODS,
                "How a prorated price is rounded; blank means not at all.",
            ),
            choice(
                "invoice_placement",
                ("usage", "scheduled"),
                "Whether charges go on usage invoices or on their own.",
                default="usage",
            ),
        ),
    ),
    Relation(
        "subscription_quantities",
        "One row per change of a subscription's quantity.",
        (
            key_id("subscription_id", "The subscription.", "subscriptions"),
            key_time("starting_at", "From when the quantity holds, until the next row."),
            number("quantity", "How many units are subscribed.", is_required=True, at_least="0"),
        ),
    ),
)

CHARGES = (
    Relation(
        "scheduled_charges",
        "One row per charge that a contract states by date, listed or recurring.",
        (
            key_id("scheduled_charge_id", "The charge's id."),
            reference("contract_id", "contracts", "The contract.", is_required=True),
            reference("product_id", "products", "The fixed product.", is_required=True),
            text("charge_name", "The name that people read."),
            time(
                "starting_at", "Recurring: the first occurrence; blank means the contract's start."
            ),
            time("ending_before", "Recurring: when it stops; blank means the contract's end."),
            choice("frequency", FREQUENCIES, "Recurring: from one occurrence to the next."),
            number("amount", "Recurring: the amount each time, or of all together."),
            choice(
                "amount_distribution",
                ("each", "divided"),
                "Recurring: whether the amount is each occurrence's or divided among them.",
                default="each",
            ),
        ),
    ),
    Relation(
        "scheduled_charge_items",
        "One row per date of a listed charge.",
        (
            key_id("scheduled_charge_id", "The charge.", "scheduled_charges"),
            key_time("invoice_at", "The date of its invoice."),
            number("unit_price", "The price per unit.", is_required=True),
            number("quantity", "How many units.", default="1"),
        ),
    ),
)

RELATIONS = (CONTRACTS, *OVERRIDES, *SUBSCRIPTIONS, *CHARGES)
