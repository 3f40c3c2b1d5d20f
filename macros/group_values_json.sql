{#-
    The values of exactly these keys in a map of texts, as JSON text with sorted keys:
    {"model":"gpt-5","user":null}. A key that is absent has the value null; without keys the whole
    is null.
-#}
{% macro group_values_json(map_expression, keys_expression) %}
    {{- return(adapter.dispatch('group_values_json', 'bursar')(map_expression, keys_expression)) -}}
{% endmacro %}

{% macro duckdb__group_values_json(map_expression, keys_expression) -%}
    case when len({{ keys_expression }}) > 0 then
        cast(to_json(map_from_entries(list_transform(
            list_sort(list_distinct({{ keys_expression }})),
            lambda group_key: {'key': group_key, 'value': {{ map_expression }}[group_key]}
        ))) as varchar)
    end
{%- endmacro %}
