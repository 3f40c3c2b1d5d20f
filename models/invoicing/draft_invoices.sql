with usage_invoices as (
    select * from {{ ref('usage_invoices') }}
),

scheduled_invoices as (
    select * from {{ ref('scheduled_invoices') }}
),

invoice_revisions as (
    select * from {{ ref('stg_invoice_revisions') }}
),

unioned as (
    select * from usage_invoices
    union all by name
    select * from scheduled_invoices
),

numbered as (
    select
        unioned.*,
        cast(coalesce(invoice_revisions.revision, 1) as integer) as revision
    from unioned
    -- What was never finalized has no revisions.
    left join invoice_revisions
        on unioned.contract_id = invoice_revisions.contract_id
        and unioned.invoice_type = invoice_revisions.invoice_type
        and unioned.period_start = invoice_revisions.period_start
    where coalesce(invoice_revisions.is_open, true)
),

final as (
    select
        {{ bursar.invoice_id(
            'numbered.contract_id',
            'numbered.invoice_type',
            'numbered.period_start',
            'numbered.revision'
        ) }} as invoice_id,
        numbered.*
    from numbered
)

select * from final
