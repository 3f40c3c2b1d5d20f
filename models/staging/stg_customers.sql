with customers as (
    select * from {{ bursar.catalog_relation('customers') }}
),

final as (
    select
        customers.customer_id,
        customers.customer_name,
        customers.billing_provider,
        customers.billing_provider_customer_id
    from customers
)

select * from final
