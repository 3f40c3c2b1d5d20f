with duplicates as (
    {{ bursar.landed_relation('duplicates', {
        'batch_id': 'varchar',
        'received_at': 'timestamp',
        'source_file': 'varchar',
        'line_number': 'bigint',
        'transaction_id': 'varchar',
        'customer_id': 'varchar',
        'event_type': 'varchar',
        '"timestamp"': 'timestamp',
        'properties': 'varchar',
        'is_conflicting': 'boolean',
        'first_received_at': 'timestamp',
        'first_batch_id': 'varchar',
    }) }}
),

run as (
    select * from {{ ref('stg_run') }}
),

final as (
    select
        duplicates.batch_id,
        duplicates.source_file,
        duplicates.line_number,
        duplicates.transaction_id,
        duplicates.customer_id,
        duplicates.event_type,
        duplicates."timestamp",
        duplicates.properties,
        duplicates.is_conflicting,
        duplicates.first_batch_id,
        duplicates.first_received_at,
        duplicates.received_at
    from duplicates
    where duplicates.received_at <= (select run.as_of from run)
)

select * from final
