with rate_tiers as (
    select * from {{ bursar.catalog_relation('rate_tiers') }}
),

typed as (
    select
        rate_tiers.rate_id,
        cast(rate_tiers.tier_start as decimal(38, 12)) as tier_start,
        cast(rate_tiers.price as decimal(38, 12)) as price,
        coalesce(cast(rate_tiers.flat_fee as decimal(38, 12)), 0) as flat_fee
    from rate_tiers
),

final as (
    select
        typed.rate_id,
        row_number() over (partition by typed.rate_id order by typed.tier_start) as tier_number,
        typed.tier_start,
        lead(typed.tier_start)
            over (partition by typed.rate_id order by typed.tier_start)
            as tier_end,
        typed.price,
        typed.flat_fee
    from typed
)

select * from final
