{{ config(materialized='view') }}

with landed as (
    {{ bursar.landed_events() }}
),

run as (
    select * from {{ ref('stg_run') }}
),

final as (
    select
        landed.transaction_id,
        landed.ingest_customer_id,
        landed.event_type,
        landed."timestamp",
        landed.received_at,
        landed.batch_id,
        landed.event_date,
        landed.properties
    from landed
    where landed.received_at <= (select run.as_of from run)
)

select * from final
