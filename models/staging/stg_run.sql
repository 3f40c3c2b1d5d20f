{#- `bursar build` says here which instant it builds for; without it, the newest batch decides. -#}
{%- set run_state = env_var('BURSAR_RUN_STATE', '') -%}

with run as (
    {{ bursar.written_run_state(run_state) if run_state else bursar.derived_run_state() }}
),

final as (
    select
        run.events_fingerprint,
        run.catalog_fingerprint,
        run.metrics_fingerprint,
        run.ledger_fingerprint,
        run.code_fingerprint,

        run.as_of,
        run.built_at,

        run.events_read,
        run.events_accepted,
        run.events_duplicate,
        run.events_rejected
    from run
)

select * from final
