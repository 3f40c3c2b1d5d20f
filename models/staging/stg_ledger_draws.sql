with draws as (
    {{ bursar.ledger_rows('draws', {
        'invoice_id': 'varchar',
        'commit_id': 'varchar',
        'segment_starting_at': 'timestamp',
        'amount': 'decimal(38,12)'
    }) }}
),

invoices as (
    select * from {{ ref('stg_ledger_invoices') }}
    where voided_at is null
),

-- What a void invoice drew is back in its segments.
final as (
    select
        draws.*,
        coalesce(invoices.corrects_invoice_id, invoices.invoice_id) as about_invoice_id,
        coalesce(corrected.invoice_type, invoices.invoice_type) as invoice_type,
        invoices.contract_id,
        invoices.period_end
    from draws
    inner join invoices on draws.invoice_id = invoices.invoice_id
    -- Few invoices are corrections.
    left join invoices as corrected on invoices.corrects_invoice_id = corrected.invoice_id
)

select * from final
