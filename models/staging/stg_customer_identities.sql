with customers as (
    select * from {{ ref('stg_customers') }}
),

customer_aliases as (
    select * from {{ bursar.catalog_relation('customer_aliases') }}
),

final as (
    select
        customers.customer_id as ingest_id,
        customers.customer_id
    from customers
    union all
    select
        customer_aliases.ingest_alias as ingest_id,
        customer_aliases.customer_id
    from customer_aliases
)

select * from final
