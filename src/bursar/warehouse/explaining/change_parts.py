"""What explains a line of a finalized invoice beside what it is made of: what changed since.

Owns the queries: what a correction's line corrects, usage that came late, corrections, drift.
"""

from __future__ import annotations

from bursar.warehouse.explaining.part import Part, same_groups

# The same as the ledger compares: about the same, at the same price. Rounding has no price.
CORRECTED = Part(
    "corrected",
    "What was said of it: by the invoice that is corrected, and by each correction",
    f"""
    , said as (
        select
            invoices.*,
            coalesce(try_cast(regexp_extract(invoices.invoice_id, ':c(\\d+)$', 1) as int), 0)
                as correction_number
        from billing.invoices
        where invoices.status <> 'draft'
    ),

    about as (
        select
            lines.*,
            coalesce(covered.line_type, lines.line_type) as charge_type
        from billing.invoice_line_items as lines
        left join billing.invoice_line_items as covered
            on lines.covers_line_item_id = covered.line_item_id
        where lines.invoice_id in (select said.invoice_id from said)
    )

    select
        line.line_item_id as explains,
        others.invoice_id,
        said.status,
        said.correction_number < this.correction_number as is_before,
        others.line_item_id = line.line_item_id as is_this_line,
        others.quantity,
        others.unit_price,
        others.amount
    from line
    inner join said as this on line.invoice_id = this.invoice_id
    inner join about as own on line.line_item_id = own.line_item_id
    inner join said
        on this.corrects_invoice_id = coalesce(said.corrects_invoice_id, said.invoice_id)
        -- A void one counts for what was said while it stood.
        and (
            said.status <> 'void'
            or said.invoice_id = this.invoice_id
            or said.voided_at > this.finalized_at
        )
    inner join about as others
        on said.invoice_id = others.invoice_id
        and own.charge_type = others.charge_type
        and line.line_type = others.line_type
        and line.pricing_unit = others.pricing_unit
        and {same_groups("line", "others")}
        and line.product_id is not distinct from others.product_id
        and line.starting_at is not distinct from others.starting_at
        and line.ending_before is not distinct from others.ending_before
        and line.tier_start is not distinct from others.tier_start
        and line.commit_id is not distinct from others.commit_id
        and line.commit_segment_starting_at is not distinct from others.commit_segment_starting_at
        and line.subscription_id is not distinct from others.subscription_id
        and line.scheduled_charge_id is not distinct from others.scheduled_charge_id
        and (line.line_type = 'rounding' or line.unit_price = others.unit_price)
    order by said.correction_number
    """,
)
LATE = Part(
    "late_usage",
    "Usage that came when the invoice was final, and is not on it",
    f"""
    select
        line.line_item_id as explains,
        late_usage.quantity,
        late_usage.amount,
        late_usage.pricing_unit,
        late_usage.late_event_count
    from line
    inner join billing.late_usage
        on line.invoice_id = late_usage.invoice_id
        and line.product_id = late_usage.product_id
        and {same_groups("line", "late_usage")}
    """,
)
CORRECTIONS = Part(
    "corrections",
    "Corrections of its invoice",
    """
    select
        line.line_item_id as explains,
        corrections.invoice_id,
        corrections.status,
        corrections.finalized_at,
        corrections.total
    from line
    inner join billing.invoices as corrections
        on line.invoice_id = corrections.corrects_invoice_id
    order by corrections.finalized_at, corrections.invoice_id
    """,
)
DRIFT = Part(
    "drift",
    "What today's usage, catalog and metrics would make of its invoice, corrections counted",
    """
    select
        line.line_item_id as explains,
        drift.finalized_total,
        drift.corrected_total,
        drift.current_total,
        drift.difference,
        drift.changed_line_count
    from line
    inner join billing.invoice_drift as drift on line.invoice_id = drift.invoice_id
    """,
)
