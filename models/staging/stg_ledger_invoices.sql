with invoices as (
    {{ bursar.ledger_rows('invoices', {
        'invoice_id': 'varchar',
        'invoice_type': 'varchar',
        'revision': 'integer',
        'contract_id': 'varchar',
        'customer_id': 'varchar',
        'customer_name': 'varchar',
        'period_start': 'timestamp',
        'period_end': 'timestamp',
        'issued_at': 'timestamp',
        'due_at': 'timestamp',
        'currency': 'varchar',
        'subtotal': 'decimal(38,12)',
        'balance_applied': 'decimal(38,12)',
        'rounding': 'decimal(38,12)',
        'total': 'decimal(38,12)',
        'line_item_count': 'bigint',
        'finalized_at': 'timestamp',
        'corrects_invoice_id': 'varchar',
        'content_hash': 'varchar'
    }) }}
),

voids as (
    select * from {{ ref('stg_ledger_voids') }}
),

run as (
    select * from {{ ref('stg_run') }}
),

-- What was finalized after `as_of` was a draft then.
final as (
    select
        invoices.*,
        voids.voided_at,
        voids.void_reason,
        voids.is_regenerated
    from invoices
    cross join run
    -- Few invoices are voided.
    left join voids on invoices.invoice_id = voids.invoice_id
    where invoices.finalized_at <= run.as_of
)

select * from final
