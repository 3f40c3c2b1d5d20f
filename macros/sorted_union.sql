{#- The distinct elements of two text lists, sorted. -#}
{% macro sorted_union(left, right) %}
    {{- return(adapter.dispatch('sorted_union', 'bursar')(left, right)) -}}
{% endmacro %}

{% macro duckdb__sorted_union(left, right) -%}
    list_sort(list_distinct(list_concat(coalesce({{ left }}, []), coalesce({{ right }}, []))))
{%- endmacro %}
