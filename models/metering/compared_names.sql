with unmatched as (
    select * from {{ ref('unmatched_reasons') }}
),

customer_identities as (
    select * from {{ ref('stg_customer_identities') }}
),

metric_definitions as (
    select * from {{ ref('metric_definitions') }}
),

-- The thousand that most events have: comparing is slow, and a person reads no more.
asked as (
    select
        unmatched.reason,
        case
            when unmatched.reason = 'unknown_customer' then unmatched.ingest_customer_id
            else unmatched.event_type
        end as name,
        false as is_known
    from unmatched
    where unmatched.reason in ('unknown_customer', 'no_metric')
    group by 1, 2
    qualify row_number() over (partition by unmatched.reason order by count(*) desc, name) <= 1000
),

known as (
    select
        'unknown_customer' as reason,
        customer_identities.ingest_id as name,
        true as is_known
    from customer_identities
    union
    select
        'no_metric' as reason,
        unnest(metric_definitions.event_types) as name,
        true as is_known
    from metric_definitions
),

final as (
    select * from asked
    union all
    select * from known
    where known.reason in (select asked.reason from asked)
)

select * from final
