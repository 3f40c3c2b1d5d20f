{#-
    Whether usage of these group values is meant by an override's: each of the wanted keys is there
    with the wanted value. Both are JSON text; wanting nothing (null) means all usage, and an absent
    value (null) is never what is wanted.
-#}
{% macro holds_group_values(group_values, wanted) %}
    {{- return(adapter.dispatch('holds_group_values', 'bursar')(group_values, wanted)) -}}
{% endmacro %}

{% macro duckdb__holds_group_values(group_values, wanted) -%}
    case
        when {{ wanted }} is null or {{ wanted }} = {{ group_values }} then true
        else coalesce(list_has_all(
            map_entries(cast(cast({{ group_values }} as json) as map(varchar, varchar))),
            map_entries(cast(cast({{ wanted }} as json) as map(varchar, varchar)))
        ), false)
    end
{%- endmacro %}
