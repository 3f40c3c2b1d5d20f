{{ config(materialized='view') }}

with priced_usage as (
    select * from {{ ref('priced_usage') }}
    where rate_type = 'tiered' and unrated_reason is null
),

price_tiers as (
    select * from {{ ref('price_tiers') }}
),

-- A slice spans from the counter before it to the counter after it; running backwards turns the
-- sign.
spanned as (
    select
        priced_usage.*,
        priced_usage.counter_before + least(priced_usage.quantity, 0) as span_start,
        priced_usage.counter_before + greatest(priced_usage.quantity, 0) as span_end
    from priced_usage
),

-- Units below 0 take the first tier's price, so the first tier has no lower bound.
cut as (
    select
        spanned.*,
        price_tiers.tier_start,
        coalesce(price_tiers.list_price, spanned.list_price) as tier_list_price,
        price_tiers.unit_price as tier_price,
        price_tiers.list_flat_fee,
        price_tiers.flat_fee,
        least(spanned.span_end, coalesce(price_tiers.tier_end, spanned.span_end)) as units_end,
        greatest(
            spanned.span_start,
            case
                when price_tiers.tier_start = 0 then spanned.span_start
                else price_tiers.tier_start
            end
        ) as units_start
    from spanned
    -- A tiered price has tiers: a rule of the catalog.
    inner join price_tiers
        on spanned.rate_id = price_tiers.rate_id
        and coalesce(spanned.override_id, '') = coalesce(price_tiers.override_id, '')
),

final as (
    select
        cut.slice_id,
        cut.contract_id,
        cut.product_id,
        cut.period_start,
        cut.slice_start,
        cut.slice_end,
        cut.pricing_group_values,
        cut.presentation_group_values,
        cut.rate_id,
        cut.list_rate_type,
        cut.override_id,
        cut.pricing_unit,
        cut.tier_start,
        cut.tier_list_price as list_price,
        cut.tier_price as unit_price,
        cut.list_flat_fee,
        cut.flat_fee,
        case when cut.quantity < 0 then -1 else 1 end
        * greatest(cut.units_end - cut.units_start, 0) as quantity,
        case when cut.quantity < 0 then cut.units_end else cut.units_start end as counter_before,
        cut.period_counter,
        -- A fee falls due with the first positive unit above the tier's start.
        cut.flat_fee is not null
        and cut.quantity > 0
        and cut.counter_before + cut.quantity > cut.tier_start as is_fee_reached
    from cut
)

select * from final
