{#- Whether a text list has every element of another; true for another that is empty. -#}
{% macro list_holds(list, wanted) %}
    {{- return(adapter.dispatch('list_holds', 'bursar')(list, wanted)) -}}
{% endmacro %}

{% macro duckdb__list_holds(list, wanted) -%}
    coalesce(list_has_all({{ list }}, {{ wanted }}), false)
{%- endmacro %}
