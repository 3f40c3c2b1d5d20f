with rejected as (
    {{ bursar.landed_relation('rejected', {
        'batch_id': 'varchar',
        'received_at': 'timestamp',
        'source_file': 'varchar',
        'line_number': 'bigint',
        'reason': 'varchar',
        'detail': 'varchar',
        'raw': 'varchar',
    }) }}
),

run as (
    select * from {{ ref('stg_run') }}
),

final as (
    select
        rejected.batch_id,
        rejected.source_file,
        rejected.line_number,
        rejected.reason,
        rejected.detail,
        rejected.raw,
        rejected.received_at
    from rejected
    where rejected.received_at <= (select run.as_of from run)
)

select * from final
