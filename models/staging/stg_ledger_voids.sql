with voids as (
    {{ bursar.ledger_rows('voids', {
        'invoice_id': 'varchar',
        'voided_at': 'timestamp',
        'void_reason': 'varchar',
        'is_regenerated': 'boolean'
    }) }}
),

run as (
    select * from {{ ref('stg_run') }}
),

-- What was voided after `as_of` stands as of then.
final as (
    select voids.*
    from voids
    cross join run
    where voids.voided_at <= run.as_of
)

select * from final
