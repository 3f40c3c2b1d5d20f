{{ config(materialized='view') }}

with metered_charges as (
    select * from {{ ref('metered_charges') }}
),

composite_charges as (
    select * from {{ ref('composite_charges') }}
),

minimum_charges as (
    select * from {{ ref('minimum_charges') }}
),

placed_charges as (
    select * from {{ ref('placed_charges') }}
),

draft_invoices as (
    select * from {{ ref('draft_invoices') }}
),

-- Charges of one shape. What a kind of charge does not have is null: usage is on the usage invoice
-- of its period.
charges as (
    select * from metered_charges
    union all by name
    select * from composite_charges
    union all by name
    select * from minimum_charges
    union all by name
    select * from placed_charges
),

final as (
    select
        draft_invoices.invoice_id,
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
        coalesce(
            charges.list_price, case when charges.rate_id is not null then charges.unit_price end
        ) as list_price,
        charges.amount,
        charges.pricing_unit,
        charges.pricing_unit = draft_invoices.currency as is_summed,
        coalesce(charges.is_prorated, false) as is_prorated,
        charges.rate_id,
        charges.override_id,
        charges.subscription_id,
        charges.scheduled_charge_id
    from charges
    -- Slices exist only in periods that have an invoice, and dated charges are placed on one.
    inner join draft_invoices
        on charges.contract_id = draft_invoices.contract_id
        and coalesce(charges.invoice_type, 'usage') = draft_invoices.invoice_type
        and charges.period_start = draft_invoices.period_start
)

select * from final
