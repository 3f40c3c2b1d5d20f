{#- Whether a text list has an element; false, never null, for no list or no element. -#}
{% macro list_has(list, element) %}
    {{- return(adapter.dispatch('list_has', 'bursar')(list, element)) -}}
{% endmacro %}

{% macro duckdb__list_has(list, element) -%}
    coalesce(list_contains({{ list }}, {{ element }}), false)
{%- endmacro %}
