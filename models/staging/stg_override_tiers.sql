with override_tiers as (
    select * from {{ bursar.catalog_relation('override_tiers') }}
),

typed as (
    select
        override_tiers.override_id,
        cast(override_tiers.tier_start as decimal(38, 12)) as tier_start,
        cast(override_tiers.price as decimal(38, 12)) as price,
        coalesce(cast(override_tiers.flat_fee as decimal(38, 12)), 0) as flat_fee,
        cast(override_tiers.multiplier as decimal(38, 12)) as multiplier
    from override_tiers
),

final as (
    select
        typed.override_id,
        typed.tier_start,
        lead(typed.tier_start)
            over (partition by typed.override_id order by typed.tier_start)
            as tier_end,
        typed.price,
        typed.flat_fee,
        typed.multiplier
    from typed
)

select * from final
