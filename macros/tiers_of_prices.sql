{#-
    The tiers of prices, as a query: one row per price and tier, with its bounds, its unit price and
    the fee that falls due in it.

    Args: `prices` is a relation of distinct rate_id, override_id and override_type.
-#}
{% macro tiers_of_prices(prices) %}
with list_tiers as (
    select * from {{ ref('list_tiers') }}
),

contract_overrides as (
    select * from {{ ref('stg_contract_overrides') }}
),

override_tiers as (
    select * from {{ ref('stg_override_tiers') }}
),

-- What multiplies the list price: nothing, a multiplier, or an override's tiers, which meet the
-- list's own: units are cut at both sets of bounds. A fee stays at the list's bound.
multiplied as (
    select
        prices.rate_id,
        prices.override_id,
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
            when prices.override_type = 'multiplier' then contract_overrides.multiplier
            else 1
        end as fee_multiplier
    from {{ prices }} as prices
    inner join list_tiers on prices.rate_id = list_tiers.rate_id
    left join contract_overrides on prices.override_id = contract_overrides.override_id
    left join override_tiers
        on prices.override_id = override_tiers.override_id
        and prices.override_type = 'tiered'
        and coalesce(list_tiers.tier_end > override_tiers.tier_start, true)
        and coalesce(list_tiers.tier_start < override_tiers.tier_end, true)
    where coalesce(prices.override_type <> 'overwrite', true)
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
        prices.rate_id,
        prices.override_id,
        override_tiers.tier_start,
        override_tiers.tier_end,
        null as list_price,
        override_tiers.price as unit_price,
        coalesce(list_tiers.flat_fee, 0) as list_flat_fee,
        override_tiers.flat_fee
    from {{ prices }} as prices
    inner join override_tiers on prices.override_id = override_tiers.override_id
    -- The card may have no fee there.
    left join list_tiers
        on prices.rate_id = list_tiers.rate_id
        and override_tiers.tier_start = list_tiers.tier_start
    where prices.override_type = 'overwrite'
)

select * from final
{% endmacro %}
