with invoices as (
    select * from {{ ref('stg_ledger_invoices') }}
    where invoice_type <> 'correction'
),

-- A period or date whose invoice was finalized has no draft, unless that one was voided to be made
-- anew.
final as (
    select
        invoices.contract_id,
        invoices.invoice_type,
        invoices.period_start,
        max(invoices.revision) as last_revision,
        max(invoices.invoice_id) filter (where invoices.voided_at is null) as standing_invoice_id,
        bool_or(invoices.voided_at is null) as is_finalized,
        bool_and(invoices.voided_at is not null)
        and arg_max(invoices.is_regenerated, invoices.revision) as is_open
    from invoices
    group by invoices.contract_id, invoices.invoice_type, invoices.period_start
)

select * from final
