{{ config(materialized='view') }}

with rates as (
    select * from {{ ref('stg_rates') }}
),

rate_tiers as (
    select * from {{ ref('stg_rate_tiers') }}
),

final as (
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
)

select * from final
