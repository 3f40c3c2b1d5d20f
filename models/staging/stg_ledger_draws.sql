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
        invoices.period_end
    from draws
    inner join invoices on draws.invoice_id = invoices.invoice_id
)

select * from final
