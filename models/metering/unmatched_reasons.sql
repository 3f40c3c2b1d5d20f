with events as (
    select * from {{ ref('stg_events') }}
),

customer_identities as (
    select * from {{ ref('stg_customer_identities') }}
),

billable_event_types as (
    select * from {{ ref('billable_event_types') }}
),

contracts as (
    select * from {{ ref('stg_contracts') }}
),

metric_definitions as (
    select * from {{ ref('metric_definitions') }}
),

identified as (
    select
        events.transaction_id,
        events.ingest_customer_id,
        customer_identities.customer_id,
        events.event_type,
        events."timestamp",
        events.received_at,
        events.batch_id
    from events
    left join customer_identities on events.ingest_customer_id = customer_identities.ingest_id
),

unmatched as (
    select identified.*
    from identified
    where not exists (
            select 1
            from billable_event_types
            where
                billable_event_types.customer_id = identified.customer_id
                and coalesce(billable_event_types.event_type = identified.event_type, true)
                and billable_event_types.starting_at <= identified."timestamp"
                and coalesce(billable_event_types.ending_before > identified."timestamp", true)
        )
),

reasoned as (
    select
        unmatched.*,
        exists(
            select 1
            from contracts
            where
                contracts.customer_id = unmatched.customer_id
                and contracts.starting_at <= unmatched."timestamp"
                and coalesce(contracts.ending_before > unmatched."timestamp", true)
        ) as has_contract,
        exists(
            select 1
            from metric_definitions
            where
                metric_definitions.event_types is null
                or {{ bursar.list_has('metric_definitions.event_types', 'unmatched.event_type') }}
        ) as has_metric
    from unmatched
),

final as (
    select
        reasoned.transaction_id,
        reasoned.ingest_customer_id,
        reasoned.customer_id,
        reasoned.event_type,
        reasoned."timestamp",
        reasoned.received_at,
        reasoned.batch_id,
        case
            when reasoned.customer_id is null then 'unknown_customer'
            when not reasoned.has_contract then 'no_contract'
            when not reasoned.has_metric then 'no_metric'
            else 'no_product'
        end as reason
    from reasoned
)

select * from final
