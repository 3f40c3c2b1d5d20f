{{ config(materialized='view') }}

with balanced_charges as (
    select * from {{ ref('balanced_charges') }}
),

commit_charges as (
    select * from {{ ref('commit_charges') }}
),

draft_invoices as (
    select * from {{ ref('draft_invoices') }}
),

charges as (
    select * from balanced_charges
    union all by name
    select * from commit_charges
),

final as (
    select
        draft_invoices.invoice_id,
        draft_invoices.is_as_if,
        case when charges.is_twin then 'commit_applied' else charges.line_type end as line_type,
        charges.line_type as charge_type,
        charges.contract_id,
        charges.product_id,
        charges.slice_start as starting_at,
        charges.slice_end as ending_before,
        charges.pricing_group_values,
        charges.presentation_group_values,
        charges.tier_start,
        charges.charged_tier_start,
        charges.quantity,
        charges.unit_price,
        charges.list_price,
        charges.amount,
        charges.pricing_unit,
        -- The twin of what counts towards a promise takes nothing off the bill.
        charges.pricing_unit = draft_invoices.currency
        and not coalesce(charges.is_twin and charges.commit_type = 'postpaid', false) as is_summed,
        coalesce(charges.is_prorated, false) as is_prorated,
        coalesce(charges.is_twin, false) as is_twin,
        charges.rate_id,
        charges.override_id,
        charges.commit_id,
        charges.commit_segment_starting_at,
        charges.commit_type,
        charges.subscription_id,
        charges.scheduled_charge_id
    from charges
    -- Slices exist only in periods that have an invoice, and dated charges are placed on one.
    inner join draft_invoices
        on charges.contract_id = draft_invoices.contract_id
        and charges.invoice_type = draft_invoices.invoice_type
        and charges.period_start = draft_invoices.period_start
        and coalesce(charges.is_as_if = draft_invoices.is_as_if, true)
)

select * from final
