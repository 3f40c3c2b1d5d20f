{#-
    A catalog time as a timestamp in UTC: text such as 2026-01-01 or 2026-01-01T07:00:00Z, or a
    date or timestamp already. Blank is null. An offset other than UTC's stops the build: a plain
    cast would drop it silently.
-#}
{% macro parse_time(expression) %}
    {{- return(adapter.dispatch('parse_time', 'bursar')(expression)) -}}
{% endmacro %}

{% macro duckdb__parse_time(expression) -%}
    strptime(
        regexp_replace(nullif(trim(cast({{ expression }} as varchar)), ''), '(Z|[+]00(:00)?)$', ''),
        [
            '%Y-%m-%d',
            '%Y-%m-%dT%H:%M:%S',
            '%Y-%m-%d %H:%M:%S',
            '%Y-%m-%dT%H:%M:%S.%f',
            '%Y-%m-%d %H:%M:%S.%f'
        ]
    )
{%- endmacro %}
