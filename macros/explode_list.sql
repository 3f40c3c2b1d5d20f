{#- The elements of a list as rows: used in a select list. -#}
{% macro explode_list(list) %}
    {{- return(adapter.dispatch('explode_list', 'bursar')(list)) -}}
{% endmacro %}

{% macro duckdb__explode_list(list) -%}
    unnest({{ list }})
{%- endmacro %}
