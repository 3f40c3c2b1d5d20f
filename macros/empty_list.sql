{#- A text list without elements. -#}
{% macro empty_list() %}
    {{- return(adapter.dispatch('empty_list', 'bursar')()) -}}
{% endmacro %}

{% macro duckdb__empty_list() -%}
    cast([] as varchar[])
{%- endmacro %}
