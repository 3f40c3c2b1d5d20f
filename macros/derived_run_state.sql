{#-
    The run state of a plain `dbt build`, from the batch manifests alone: as of the newest batch,
    or of the epoch while nothing has landed; never of the clock.
-#}
{% macro derived_run_state() %}
    {{- return(adapter.dispatch('derived_run_state', 'bursar')()) -}}
{% endmacro %}

{% macro duckdb__derived_run_state() -%}
    select
        cast(null as varchar) as events_fingerprint,
        cast(null as varchar) as catalog_fingerprint,
        cast(null as varchar) as metrics_fingerprint,
        cast(null as varchar) as ledger_fingerprint,
        cast(null as varchar) as code_fingerprint,
        {%- if bursar.has_landed_batches() %}
        max(cast(received_at as timestamptz) at time zone 'UTC') as as_of,
        cast(null as timestamp) as built_at,
        cast(sum(counts."read") as bigint) as events_read,
        cast(sum(counts.accepted) as bigint) as events_accepted,
        cast(sum(counts.duplicate) as bigint) as events_duplicate,
        cast(sum(counts.rejected) as bigint) as events_rejected
    from read_json(
        'landing/batches/*.json',
        columns = {
            received_at: 'VARCHAR',
            counts: 'STRUCT("read" BIGINT, accepted BIGINT, duplicate BIGINT, rejected BIGINT)'
        }
    )
        {%- else %}
        timestamp '1970-01-01' as as_of,
        cast(null as timestamp) as built_at,
        cast(0 as bigint) as events_read,
        cast(0 as bigint) as events_accepted,
        cast(0 as bigint) as events_duplicate,
        cast(0 as bigint) as events_rejected
        {%- endif %}
{%- endmacro %}
