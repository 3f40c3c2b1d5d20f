with line_items as (
    {{ bursar.ledger_rows('line_items', {
        'line_item_id': 'varchar',
        'invoice_id': 'varchar',
        'line_number': 'bigint',
        'contract_id': 'varchar',
        'customer_id': 'varchar',
        'line_type': 'varchar',
        'product_id': 'varchar',
        'product_name': 'varchar',
        'product_type': 'varchar',
        'metric_name': 'varchar',
        'pricing_group_values': 'varchar',
        'presentation_group_values': 'varchar',
        'starting_at': 'timestamp',
        'ending_before': 'timestamp',
        'tier_start': 'decimal(38,12)',
        'quantity': 'decimal(38,12)',
        'unit_price': 'decimal(38,12)',
        'list_price': 'decimal(38,12)',
        'amount': 'decimal(38,12)',
        'pricing_unit': 'varchar',
        'is_summed': 'boolean',
        'is_prorated': 'boolean',
        'rate_id': 'varchar',
        'override_id': 'varchar',
        'commit_id': 'varchar',
        'commit_segment_starting_at': 'timestamp',
        'commit_type': 'varchar',
        'covers_line_item_id': 'varchar',
        'subscription_id': 'varchar',
        'scheduled_charge_id': 'varchar'
    }) }}
),

invoices as (
    select * from {{ ref('stg_ledger_invoices') }}
),

final as (
    select line_items.*
    from line_items
    inner join invoices on line_items.invoice_id = invoices.invoice_id
)

select * from final
