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
        coalesce(invoice_revisions.is_finalized, false) as is_as_if,
        cast(
            coalesce(
                invoice_revisions.last_revision
                + case when invoice_revisions.is_finalized then 0 else 1 end,
                1
            ) as integer
        ) as revision
    from unioned
    -- What was never finalized has no revisions.
    left join invoice_revisions
        on unioned.contract_id = invoice_revisions.contract_id
        and unioned.invoice_type = invoice_revisions.invoice_type
        and unioned.period_start = invoice_revisions.period_start
    where coalesce(invoice_revisions.is_open or invoice_revisions.is_finalized, true)
),

-- What a finalized invoice would be today is worked out beside the drafts, under its own id.
final as (
    select
        numbered.*,
        {{ bursar.invoice_id(
            'numbered.contract_id',
            'numbered.invoice_type',
            'numbered.period_start',
            'numbered.revision'
        ) }} as invoice_id
    from numbered
)

select * from final
