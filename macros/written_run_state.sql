{#- The run state that `bursar build` wrote to a file: one row. Times are RFC 3339 in UTC. -#}
{% macro written_run_state(path) %}
    {{- return(adapter.dispatch('written_run_state', 'bursar')(path)) -}}
{% endmacro %}

{% macro duckdb__written_run_state(path) -%}
    select
        events_fingerprint,
        catalog_fingerprint,
        metrics_fingerprint,
        ledger_fingerprint,
        code_fingerprint,
        cast(as_of as timestamptz) at time zone 'UTC' as as_of,
        cast(built_at as timestamptz) at time zone 'UTC' as built_at,
        events_read,
        events_accepted,
        events_duplicate,
        events_rejected
    from read_json(
        '{{ path | replace("'", "''") }}',
        columns = {
            as_of: 'VARCHAR',
            built_at: 'VARCHAR',
            events_fingerprint: 'VARCHAR',
            catalog_fingerprint: 'VARCHAR',
            metrics_fingerprint: 'VARCHAR',
            ledger_fingerprint: 'VARCHAR',
            code_fingerprint: 'VARCHAR',
            events_read: 'BIGINT',
            events_accepted: 'BIGINT',
            events_duplicate: 'BIGINT',
            events_rejected: 'BIGINT'
        }
    )
{%- endmacro %}
