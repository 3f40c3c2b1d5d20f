with product_slices as (
    select * from {{ ref('product_slices') }}
    where metered_from is not null
),

customer_event_days as (
    select * from {{ ref('customer_event_days') }}
),

-- A slice is metered in steps, so that usage_daily can show each day's share. Only days with
-- events end a step.
step_ends as (
    select
        product_slices.slice_id,
        product_slices.slice_end as step_end
    from product_slices
    union
    select
        product_slices.slice_id,
        {{ bursar.add_days('cast(customer_event_days.event_date as timestamp)', 1) }} as step_end
    from product_slices
    -- A customer without events has the slice itself as its only step.
    inner join customer_event_days
        on product_slices.customer_id = customer_event_days.customer_id
        and customer_event_days.event_date >= cast(product_slices.metered_from as date)
        and {{ bursar.add_days('cast(customer_event_days.event_date as timestamp)', 1) }}
        < product_slices.slice_end
),

final as (
    select
        step_ends.slice_id,
        row_number() over (
            partition by step_ends.slice_id order by step_ends.step_end
        ) as step_number,
        lag(step_ends.step_end, 1, product_slices.metered_from) over (
            partition by step_ends.slice_id order by step_ends.step_end
        ) as step_start,
        step_ends.step_end
    from step_ends
    inner join product_slices on step_ends.slice_id = product_slices.slice_id
)

select * from final
