with step_usage as (
    select * from {{ ref('step_usage') }}
),

final as (
    select
        step_usage.slice_id,
        step_usage.pricing_group_values,
        step_usage.presentation_group_values,
        sum(step_usage.quantity) as quantity
    from step_usage
    group by all
)

select * from final
where quantity <> 0
