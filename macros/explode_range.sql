{#- The whole numbers from `first` to `last`, both included, as rows: used in a select list. -#}
{% macro explode_range(first, last) %}
    {{- return(adapter.dispatch('explode_range', 'bursar')(first, last)) -}}
{% endmacro %}

{% macro duckdb__explode_range(first, last) -%}
    unnest(generate_series({{ first }}, {{ last }}))
{%- endmacro %}
