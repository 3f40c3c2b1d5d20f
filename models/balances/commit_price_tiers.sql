with commit_prices as (
    select * from {{ ref('commit_prices') }}
    where rate_type in ('tiered', 'volume')
),

asked as (
    select distinct
        commit_prices.rate_id,
        commit_prices.override_id,
        commit_prices.override_type
    from commit_prices
),

final as (
    {{ bursar.tiers_of_prices('asked') }}
)

select * from final
