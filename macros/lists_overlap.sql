{#- Whether two text lists have an element in common; false, never null, for no list. -#}
{% macro lists_overlap(left, right) %}
    {{- return(adapter.dispatch('lists_overlap', 'bursar')(left, right)) -}}
{% endmacro %}

{% macro duckdb__lists_overlap(left, right) -%}
    coalesce(list_has_any({{ left }}, {{ right }}), false)
{%- endmacro %}
