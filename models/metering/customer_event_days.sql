with events as (
    select * from {{ ref('stg_events') }}
),

customer_identities as (
    select * from {{ ref('stg_customer_identities') }}
),

final as (
    select distinct
        customer_identities.customer_id,
        events.event_date
    from events
    -- Events of unknown customers are nobody's usage; unmatched_events lists them.
    inner join customer_identities on events.ingest_customer_id = customer_identities.ingest_id
)

select * from final
