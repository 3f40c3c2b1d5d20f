with commit_invoices as (
    select * from {{ bursar.catalog_relation('commit_invoices') }}
),

final as (
    select
        commit_invoices.commit_id,
        {{ bursar.parse_time('commit_invoices.invoice_at') }} as invoice_at,
        cast(commit_invoices.amount as decimal(38, 12)) as amount,
        coalesce(cast(commit_invoices.do_not_invoice as boolean), false) as do_not_invoice
    from commit_invoices
)

select * from final
