with metric_windows as (
    select * from {{ ref('metric_windows') }}
),

final as (
    select distinct
        metric_windows.scope_id,
        metric_windows.metric_name,
        metric_windows.customer_id,
        metric_windows.window_start,
        metric_windows.window_end,
        metric_windows.group_keys,
        metric_windows.usage_filter_key,
        metric_windows.usage_filter_values
    from metric_windows
)

select * from final
