{{ config(materialized='view') }}

with priced_usage as (
    select * from {{ ref('priced_usage') }}
    where rate_type = 'volume' and unrated_reason is null
),

price_tiers as (
    select * from {{ ref('price_tiers') }}
),

-- All units take the tier in which the period's counter stands in the end: the first one, too,
-- where it does not stand above 0.
final as (
    select
        priced_usage.slice_id,
        priced_usage.contract_id,
        priced_usage.product_id,
        priced_usage.period_start,
        priced_usage.slice_start,
        priced_usage.slice_end,
        priced_usage.pricing_group_values,
        priced_usage.presentation_group_values,
        priced_usage.rate_id,
        priced_usage.list_rate_type,
        priced_usage.override_id,
        priced_usage.pricing_unit,
        price_tiers.tier_start,
        coalesce(price_tiers.list_price, priced_usage.list_price) as list_price,
        price_tiers.unit_price,
        price_tiers.list_flat_fee,
        price_tiers.flat_fee,
        priced_usage.quantity,
        priced_usage.counter_before,
        priced_usage.period_counter,
        priced_usage.is_last_rated and priced_usage.period_counter > 0 as is_fee_reached
    from priced_usage
    -- A volume price has tiers from 0 on without gaps: a rule of the catalog.
    inner join price_tiers
        on priced_usage.rate_id = price_tiers.rate_id
        and coalesce(priced_usage.override_id, '') = coalesce(price_tiers.override_id, '')
        and (price_tiers.tier_start = 0 or priced_usage.period_counter > price_tiers.tier_start)
        and coalesce(priced_usage.period_counter <= price_tiers.tier_end, true)
)

select * from final
