{{ config(materialized='view') }}

with slice_usage as (
    select * from {{ ref('slice_usage') }}
),

product_slices as (
    select * from {{ ref('product_slices') }}
),

products as (
    select * from {{ ref('stg_products') }}
),

rates as (
    select * from {{ ref('stg_rates') }}
    where rate_basis = 'list' and billing_frequency is null
),

-- Without pricing group keys a product has a price whether or not it was used: for its line of
-- quantity 0, or as the share that a composite is.
asked as (
    select
        slice_usage.slice_id,
        true as is_used,
        slice_usage.pricing_group_values,
        slice_usage.presentation_group_values,
        slice_usage.quantity
    from slice_usage
    union all
    select
        product_slices.slice_id,
        false as is_used,
        null as pricing_group_values,
        null as presentation_group_values,
        0 as quantity
    from product_slices
    -- Every slice has its product's version.
    inner join products
        on product_slices.product_id = products.product_id
        and product_slices.product_valid_from = products.valid_from
        and len(products.pricing_group_keys) = 0
),

-- Usage keeps its row without a rate, so that it can be listed as unrated. A null pricing value
-- matches no rate: no rate can be written for it.
final as (
    select
        asked.slice_id,
        asked.is_used,
        product_slices.contract_id,
        product_slices.product_id,
        product_slices.product_type,
        product_slices.product_valid_from,
        asked.pricing_group_values,
        asked.presentation_group_values,
        rates.rate_id,
        rates.rate_type as list_rate_type,
        rates.billing_frequency,
        rates.pricing_unit,
        rates.is_entitled,
        product_slices.period_start,
        product_slices.period_end,
        product_slices.slice_start,
        product_slices.slice_end,
        product_slices.slice_start as priced_at,
        cast(asked.quantity as decimal(38, 12)) as quantity,
        rates.price as list_price
    from asked
    inner join product_slices on asked.slice_id = product_slices.slice_id
    left join rates
        on product_slices.rate_card_id = rates.rate_card_id
        and product_slices.product_id = rates.product_id
        and coalesce(asked.pricing_group_values, '') = coalesce(rates.pricing_group_values, '')
        and product_slices.slice_start >= rates.starting_at
        and product_slices.slice_start < coalesce(rates.effective_until, timestamp '9999-01-01')
)

select * from final
