"""What is paid ahead or promised: commits, credits, and commits that recur."""

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

COMMITS = (
    Relation(
        "commits",
        "One row per commit or credit: a promise to pay, or money to use up.",
        (
            key_id("commit_id", "The commit's id."),
            choice(
                "commit_type",
                ("prepaid", "postpaid", "credit"),
                "Bought ahead, promised, or given.",
                is_required=True,
            ),
            reference("contract_id", "contracts", "The contract; blank means customer level."),
            reference("customer_id", "customers", "Customer level: the customer."),
            reference(
                "product_id", "products", "The fixed product that the purchase or true-up names."
            ),
            text("commit_name", "The name that people read."),
            whole("priority", "The order of use: lower burns first.", default="100"),
            reference(
                "pricing_unit",
                PRICING_UNITS,
                "What the amounts are in; blank means the card's currency.",
            ),
            choice(
                "rate_basis",
                RATE_BASES,
                "Which rates price what it pays for.",
                default="list",
            ),
            number(
                "rollover_fraction",
                "The share of its amount that may roll into a renewal.",
                at_least="0",
                at_most="1",
            ),
            items("applicable_product_ids", "The products it may pay for.", "products"),
            items("applicable_product_tags", "The tags of products it may pay for."),
            items(
                "applicable_contract_ids",
                "Customer level: the contracts it may pay for; blank means all.",
                "contracts",
            ),
            reference("invoice_contract_id", "contracts", "Customer level: the contract invoiced."),
        ),
    ),
    Relation(
        "commit_specifiers",
        "One row per alternative of what a commit may pay for; a row's columns must all hold.",
        (
            key_id("commit_id", "The commit.", "commits"),
            key_id("specifier_id", "The specifier's id within the commit."),
            reference("product_id", "products", "The product."),
            items("product_tags", "Tags that the product must all have."),
            pairs("pricing_group_values", "Pricing values that the usage must have."),
            pairs("presentation_group_values", "Presentation values that the usage must have."),
        ),
    ),
    Relation(
        "commit_segments",
        "One row per amount of a commit's access schedule.",
        (
            key_id("commit_id", "The commit.", "commits"),
            key_time("starting_at", "From when the amount may be used."),
            time("ending_before", "When what is left of it expires; blank means never."),
            number(
                "amount",
                "The amount, in the commit's pricing unit.",
                is_required=True,
                at_least="0",
            ),
        ),
    ),
    Relation(
        "commit_invoices",
        "One row per invoice of a commit: a purchase, or a postpaid commit's true-up.",
        (
            key_id("commit_id", "The commit.", "commits"),
            key_time("invoice_at", "The date of the invoice."),
            number(
                "amount",
                "The amount, in the rate card's currency.",
                is_required=True,
                at_least="0",
            ),
            flag("do_not_invoice", "Whether it is paid outside Bursar."),
        ),
    ),
    Relation(
        "commit_adjustments",
        "One row per correction of a segment's balance by hand.",
        (
            key_id("adjustment_id", "The adjustment's id."),
            reference("commit_id", "commits", "The commit.", is_required=True),
            time("segment_starting_at", "The segment: its start.", is_required=True),
            time("adjusted_at", "When it takes effect, within the segment.", is_required=True),
            number("amount", "The amount; negative draws down.", is_required=True),
            text("reason", "Why, for people."),
        ),
    ),
)

RECURRING = (
    Relation(
        "recurring_commits",
        "One row per commit or credit that is granted anew each period.",
        (
            key_id("recurring_commit_id", "The recurring commit's id."),
            reference("contract_id", "contracts", "The contract.", is_required=True),
            choice(
                "commit_type",
                ("prepaid", "credit"),
                "Bought ahead or given.",
                is_required=True,
            ),
            reference("product_id", "products", "The fixed product that the purchase line names."),
            text("commit_name", "The name that people read."),
            whole("priority", "The order of use: lower burns first.", default="100"),
            reference(
                "pricing_unit",
                PRICING_UNITS,
                "What the amounts are in; blank means the card's currency.",
            ),
            choice("rate_basis", RATE_BASES, "Which rates price what it pays for.", default="list"),
            number("access_amount", "What each period grants.", is_required=True, at_least="0"),
            number(
                "invoice_amount", "What each period costs; blank means it is free.", at_least="0"
            ),
            time("starting_at", "The first grant; blank means the contract's start."),
            time("ending_before", "When grants stop; blank means with the contract."),
            choice(
                "frequency",
                ("daily", *FREQUENCIES),
                "From one grant to the next; blank means the contract's billing periods.",
            ),
            whole(
                "duration_periods",
                "How many periods each grant stays usable.",
                default="1",
                at_least="1",
            ),
            choice(
                "proration",
                ("none", "first", "last", "first_and_last"),
                "Which cut periods grant by the hour.",
                default="none",
            ),
            whole(
                "proration_decimal_places",
                "The decimal places that a prorated amount keeps.",
                at_least="0",
                at_most="12",
            ),
            choice(
                "proration_rounding_method",
                ROUNDING_METHODS,
                "How a prorated amount is rounded; blank means not at all.",
            ),
            number(
                "rollover_fraction",
                "The share of a grant that may roll into a renewal.",
                at_least="0",
                at_most="1",
            ),
            items("applicable_product_ids", "The products it may pay for.", "products"),
            items("applicable_product_tags", "The tags of products it may pay for."),
        ),
    ),
)

RELATIONS = (*COMMITS, *RECURRING)
