with rated as (
    select * from {{ ref('slice_prices') }}
    where is_used and unrated_reason is null
),

-- Where a period is one slice, its counter starts at 0 and ends with the slice.
counted as (
    select
        rated.*,
        cast(0 as decimal(38, 12)) as counter_before,
        rated.quantity as period_counter,
        true as is_last_rated
    from rated
    where rated.slice_start = rated.period_start and rated.slice_end = rated.period_end
    union all
    -- The counter runs through changes of rate, override and version, per group.
    select
        rated.*,
        coalesce(sum(rated.quantity) over (
            group_of_the_period
            order by rated.slice_start
            rows between unbounded preceding and 1 preceding
        ), 0) as counter_before,
        sum(rated.quantity) over group_of_the_period as period_counter,
        rated.slice_start = max(rated.slice_start) over group_of_the_period as is_last_rated
    from rated
    where rated.slice_start <> rated.period_start or rated.slice_end <> rated.period_end
    window group_of_the_period as (
        partition by
            rated.contract_id,
            rated.product_id,
            rated.period_start,
            rated.pricing_group_values,
            rated.presentation_group_values
    )
),

final as (
    select
        counted.slice_id,
        counted.contract_id,
        counted.product_id,
        counted.pricing_group_values,
        counted.presentation_group_values,
        counted.rate_id,
        counted.list_rate_type,
        counted.override_id,
        counted.override_type,
        counted.rate_type,
        counted.pricing_unit,
        counted.is_last_rated,
        counted.period_start,
        counted.slice_start,
        counted.slice_end,
        counted.quantity,
        counted.list_price,
        counted.unit_price,
        cast(counted.counter_before as decimal(38, 12)) as counter_before,
        cast(counted.period_counter as decimal(38, 12)) as period_counter
    from counted
)

select * from final
