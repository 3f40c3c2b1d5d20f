with run as (
    select * from {{ ref('stg_run') }}
),

final as (
    select
        run.as_of,
        run.built_at,
        run.events_fingerprint,
        run.catalog_fingerprint,
        run.metrics_fingerprint,
        run.ledger_fingerprint,
        run.code_fingerprint,
        run.events_read,
        run.events_accepted,
        run.events_duplicate,
        run.events_rejected
    from run
)

select * from final
