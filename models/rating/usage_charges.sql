with priced_usage as (
    select * from {{ ref('priced_usage') }}
    where rate_type = 'flat' and unrated_reason is null
),

tiered_spans as (
    select * from {{ ref('tiered_spans') }}
    where quantity <> 0
),

volume_spans as (
    select * from {{ ref('volume_spans') }}
),

rate_tiers as (
    select * from {{ ref('stg_rate_tiers') }}
),

priced as (
    select
        priced_usage.*,
        cast(null as decimal(38, 12)) as tier_start
    from priced_usage
    union all by name
    select * from tiered_spans
    union all by name
    select * from volume_spans
),

-- What an overwrite replaces may be tiered where it is not, or otherwise: then the list price is
-- that of the line's highest unit.
listed as (
    select
        priced.*,
        coalesce(priced.list_price, rate_tiers.price) as card_price
    from priced
    left join rate_tiers
        on priced.list_price is null
        and priced.rate_id = rate_tiers.rate_id
        and (
            rate_tiers.tier_start = 0
            or case
                when priced.list_rate_type = 'volume' then priced.period_counter
                else priced.counter_before + greatest(priced.quantity, 0)
            end > rate_tiers.tier_start
        )
        and coalesce(
            case
                when priced.list_rate_type = 'volume' then priced.period_counter
                else priced.counter_before + greatest(priced.quantity, 0)
            end <= rate_tiers.tier_end,
            true
        )
),

final as (
    select
        'usage' as line_type,
        listed.slice_id,
        listed.contract_id,
        listed.product_id,
        listed.period_start,
        listed.slice_start,
        listed.slice_end,
        listed.pricing_group_values,
        listed.presentation_group_values,
        listed.tier_start,
        listed.counter_before,
        listed.period_counter,
        listed.quantity,
        listed.unit_price,
        listed.card_price as list_price,
        listed.pricing_unit,
        listed.rate_id,
        listed.override_id,
        {{ bursar.multiply('listed.quantity', 'listed.unit_price') }} as amount
    from listed
)

select * from final
