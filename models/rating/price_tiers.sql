with slice_prices as (
    select * from {{ ref('slice_prices') }}
    where unrated_reason is null and rate_type in ('tiered', 'volume')
),

rates as (
    select * from {{ ref('stg_rates') }}
),

rate_tiers as (
    select * from {{ ref('stg_rate_tiers') }}
),

contract_overrides as (
    select * from {{ ref('stg_contract_overrides') }}
),

override_tiers as (
    select * from {{ ref('stg_override_tiers') }}
),

used_prices as (
    select distinct
        slice_prices.rate_id,
        slice_prices.override_id,
        slice_prices.override_type
    from slice_prices
),

-- A flat list price is a tier without end, and no tier for a fee.
list_tiers as (
    select
        rate_tiers.rate_id,
        rate_tiers.tier_start,
        rate_tiers.tier_end,
        rate_tiers.price,
        rate_tiers.flat_fee
    from rate_tiers
    union all
    select
        rates.rate_id,
        0 as tier_start,
        null as tier_end,
        rates.price,
        null as flat_fee
    from rates
    where rates.rate_type = 'flat'
),

-- What multiplies the list price: nothing, a multiplier, or an override's tiers, which meet the
-- list's own: units are cut at both sets of bounds. A fee stays at the list's bound.
multiplied as (
    select
        used_prices.rate_id,
        used_prices.override_id,
        greatest(list_tiers.tier_start, coalesce(override_tiers.tier_start, 0)) as tier_start,
        least(list_tiers.tier_end, override_tiers.tier_end) as tier_end,
        list_tiers.price as list_price,
        coalesce(override_tiers.multiplier, contract_overrides.multiplier, 1) as multiplier,
        list_tiers.flat_fee as list_flat_fee,
        case
            when coalesce(override_tiers.tier_start, 0) <= list_tiers.tier_start
                then list_tiers.flat_fee
        end as flat_fee,
        case
            when used_prices.override_type = 'multiplier' then contract_overrides.multiplier else 1
        end as fee_multiplier
    from used_prices
    inner join list_tiers on used_prices.rate_id = list_tiers.rate_id
    left join contract_overrides on used_prices.override_id = contract_overrides.override_id
    left join override_tiers
        on used_prices.override_id = override_tiers.override_id
        and used_prices.override_type = 'tiered'
        and coalesce(list_tiers.tier_end > override_tiers.tier_start, true)
        and coalesce(list_tiers.tier_start < override_tiers.tier_end, true)
    where coalesce(used_prices.override_type <> 'overwrite', true)
),

-- An overwrite has its own tiers and fees, at bounds where the list has no price of its own.
final as (
    select
        multiplied.rate_id,
        multiplied.override_id,
        multiplied.tier_start,
        multiplied.tier_end,
        multiplied.list_price,
        {{ bursar.multiply('multiplied.list_price', 'multiplied.multiplier') }} as unit_price,
        multiplied.list_flat_fee,
        {{ bursar.multiply('multiplied.flat_fee', 'multiplied.fee_multiplier') }} as flat_fee
    from multiplied
    union all
    select
        used_prices.rate_id,
        used_prices.override_id,
        override_tiers.tier_start,
        override_tiers.tier_end,
        null as list_price,
        override_tiers.price as unit_price,
        coalesce(rate_tiers.flat_fee, 0) as list_flat_fee,
        override_tiers.flat_fee
    from used_prices
    inner join override_tiers on used_prices.override_id = override_tiers.override_id
    -- The card may have no fee there.
    left join rate_tiers
        on used_prices.rate_id = rate_tiers.rate_id
        and override_tiers.tier_start = rate_tiers.tier_start
    where used_prices.override_type = 'overwrite'
)

select * from final
