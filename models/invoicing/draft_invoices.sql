with usage_invoices as (
    select * from {{ ref('usage_invoices') }}
),

scheduled_invoices as (
    select * from {{ ref('scheduled_invoices') }}
),

final as (
    select * from usage_invoices
    union all by name
    select * from scheduled_invoices
)

select * from final
