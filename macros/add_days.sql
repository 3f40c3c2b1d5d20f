{#- An instant plus a number of days. -#}
{% macro add_days(instant, days) %}
    {{- return(adapter.dispatch('add_days', 'bursar')(instant, days)) -}}
{% endmacro %}

{% macro duckdb__add_days(instant, days) -%}
    {{ instant }} + to_days(cast({{ days }} as integer))
{%- endmacro %}
