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

-- Charges of one shape. What a kind of charge does not have is null.
unioned as (
    select * from metered_charges
    union all by name
    select * from composite_charges
    union all by name
    select * from minimum_charges
    union all by name
    select * from placed_charges
),

-- What is not placed by its date is on the usage invoice of its period.
final as (
    select
        unioned.line_type,
        unioned.contract_id,
        coalesce(unioned.invoice_type, 'usage') as invoice_type,
        unioned.period_start,
        unioned.product_id,
        unioned.subscription_id,
        unioned.scheduled_charge_id,
        unioned.slice_id,
        unioned.slice_start,
        unioned.slice_end,
        unioned.pricing_group_values,
        unioned.presentation_group_values,
        unioned.tier_start,
        unioned.counter_before,
        unioned.period_counter,
        unioned.quantity,
        unioned.unit_price,
        coalesce(
            unioned.list_price, case when unioned.rate_id is not null then unioned.unit_price end
        ) as list_price,
        unioned.amount,
        unioned.pricing_unit,
        coalesce(unioned.is_prorated, false) as is_prorated,
        coalesce(unioned.is_in_arrears, false) as is_in_arrears,
        unioned.rate_id,
        unioned.override_id
    from unioned
)

select * from final
