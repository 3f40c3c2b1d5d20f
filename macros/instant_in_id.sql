{#- An instant as ids write it: `2026-01-01`, and off midnight with its hour, `2026-01-01T07`. -#}
{% macro instant_in_id(instant) %}
    {{- return(adapter.dispatch('instant_in_id', 'bursar')(instant)) -}}
{% endmacro %}

{% macro duckdb__instant_in_id(instant) -%}
    case
        when date_trunc('day', {{ instant }}) = {{ instant }} then strftime({{ instant }}, '%Y-%m-%d')
        else strftime({{ instant }}, '%Y-%m-%dT%H')
    end
{%- endmacro %}
