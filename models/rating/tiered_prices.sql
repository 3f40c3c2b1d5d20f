with priced_usage as (
    select * from {{ ref('priced_usage') }}
    where unrated_reason is null and rate_type in ('tiered', 'volume')
),

unused_prices as (
    select * from {{ ref('slice_prices') }}
    where not is_used and unrated_reason is null and rate_type in ('tiered', 'volume')
),

final as (
    select
        priced_usage.rate_id,
        priced_usage.override_id,
        priced_usage.override_type
    from priced_usage
    union
    select
        unused_prices.rate_id,
        unused_prices.override_id,
        unused_prices.override_type
    from unused_prices
)

select * from final
