"""Who buys: customers and the names they send events under."""

from __future__ import annotations

from bursar.catalog.schema import Relation, key_id, reference, text

RELATIONS = (
    Relation(
        "customers",
        "One row per customer: who is billed.",
        (
            key_id("customer_id", "The customer's id, as events and contracts name it."),
            text("customer_name", "The name that people read on invoices."),
            text("billing_provider", "The system that collects the money, such as stripe."),
            text("billing_provider_customer_id", "The customer's id in that system."),
        ),
    ),
    Relation(
        "customer_aliases",
        "One row per alias: another id under which a customer's events arrive, old ones too.",
        (
            key_id("ingest_alias", "The id that events carry."),
            reference("customer_id", "customers", "The customer it stands for.", is_required=True),
        ),
    ),
)
