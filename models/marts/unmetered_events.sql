with metric_number_failures as (
    select * from {{ ref('metric_number_failures') }}
),

final as (
    select
        metric_number_failures.metric_name,
        metric_number_failures.transaction_id,
        metric_number_failures.customer_id,
        metric_number_failures.event_type,
        metric_number_failures."timestamp",
        metric_number_failures.received_at,
        metric_number_failures.property,
        metric_number_failures.text
    from metric_number_failures
)

select * from final
order by metric_name, "timestamp", transaction_id, property
