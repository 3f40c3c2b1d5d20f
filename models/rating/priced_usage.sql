with used as (
    select * from {{ ref('slice_prices') }}
    where is_used
),

-- Where a period is one slice, its counter starts at 0 and ends with the slice. Usage without a
-- price keeps its row, so that it can be listed, and does not count.
counted as (
    select
        used.*,
        0 as counter_before,
        used.quantity as period_counter,
        true as is_last_rated
    from used
    where
        (used.slice_start = used.period_start and used.slice_end = used.period_end)
        or used.unrated_reason is not null
    union all
    -- The counter runs through changes of rate, override and version, per group.
    select
        used.*,
        coalesce(sum(used.quantity) over (
            group_of_the_period
            order by used.slice_start
            rows between unbounded preceding and 1 preceding
        ), 0) as counter_before,
        sum(used.quantity) over group_of_the_period as period_counter,
        used.slice_start = max(used.slice_start) over group_of_the_period as is_last_rated
    from used
    where
        (used.slice_start <> used.period_start or used.slice_end <> used.period_end)
        and used.unrated_reason is null
    window group_of_the_period as (
        partition by
            used.contract_id,
            used.product_id,
            used.period_start,
            used.pricing_group_values,
            used.presentation_group_values
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
        counted.unrated_reason,
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
