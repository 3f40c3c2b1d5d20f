{#- An instant plus a number of hours. -#}
{% macro add_hours(instant, hours) %}
    {{- return(adapter.dispatch('add_hours', 'bursar')(instant, hours)) -}}
{% endmacro %}

{% macro duckdb__add_hours(instant, hours) -%}
    {{ instant }} + to_hours({{ hours }})
{%- endmacro %}
