with unmatched as (
    select * from {{ ref('unmatched_reasons') }}
),

nearest_known_names as (
    select * from {{ ref('nearest_known_names') }}
),

final as (
    select
        unmatched.transaction_id,
        unmatched.ingest_customer_id,
        unmatched.customer_id,
        unmatched.event_type,
        unmatched."timestamp",
        unmatched.received_at,
        unmatched.batch_id,
        unmatched.reason,
        nearest_known_names.nearest_known_name
    from unmatched
    left join nearest_known_names
        on unmatched.reason = nearest_known_names.reason
        and nearest_known_names.name = case unmatched.reason
            when 'unknown_customer' then unmatched.ingest_customer_id
            when 'no_metric' then unmatched.event_type
        end
)

select * from final
order by "timestamp", transaction_id
