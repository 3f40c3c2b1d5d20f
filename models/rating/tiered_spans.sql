with priced_usage as (
    select * from {{ ref('priced_usage') }}
    where unrated_reason is null and rate_type = 'tiered'
),

rate_tiers as (
    select * from {{ ref('stg_rate_tiers') }}
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
        rate_tiers.tier_start,
        rate_tiers.price as tier_price,
        rate_tiers.flat_fee,
        least(spanned.span_end, coalesce(rate_tiers.tier_end, spanned.span_end))
        - greatest(
            spanned.span_start,
            case
                when rate_tiers.tier_start = 0 then spanned.span_start
                else rate_tiers.tier_start
            end
        ) as units
    from spanned
    inner join rate_tiers on spanned.rate_id = rate_tiers.rate_id
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
        cut.pricing_unit,
        cut.tier_start,
        cut.tier_price,
        cut.flat_fee,
        case when cut.quantity < 0 then -1 else 1 end * greatest(cut.units, 0) as quantity,
        -- A fee falls due with the first positive unit above the tier's start.
        cut.quantity > 0 and cut.counter_before + cut.quantity > cut.tier_start as is_fee_reached
    from cut
)

select * from final
