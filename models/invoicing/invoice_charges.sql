with usage_charges as (
    select * from {{ ref('usage_charges') }}
),

flat_fee_charges as (
    select * from {{ ref('flat_fee_charges') }}
),

zero_usage_charges as (
    select * from {{ ref('zero_usage_charges') }}
),

usage_invoices as (
    select * from {{ ref('usage_invoices') }}
),

charges as (
    select * from usage_charges
    union all by name
    select * from flat_fee_charges
    union all by name
    select * from zero_usage_charges
),

final as (
    select
        usage_invoices.invoice_id,
        charges.line_type,
        charges.contract_id,
        charges.product_id,
        charges.slice_start as starting_at,
        charges.slice_end as ending_before,
        charges.pricing_group_values,
        charges.presentation_group_values,
        charges.tier_start,
        charges.quantity,
        charges.unit_price,
        charges.amount,
        charges.pricing_unit,
        charges.pricing_unit = usage_invoices.currency as is_summed,
        charges.rate_id
    from charges
    -- Slices exist only in periods that have an invoice.
    inner join usage_invoices
        on charges.contract_id = usage_invoices.contract_id
        and charges.period_start = usage_invoices.period_start
)

select * from final
