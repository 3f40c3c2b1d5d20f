{#-
    A catalog map, `model=gpt-5|region=us` or a JSON object, as JSON text with sorted keys and no
    blanks: {"model":"gpt-5","region":"us"}. Blank is null. Byte for byte what group_values_json
    writes, so that a rate's values and a usage's values compare as text.
-#}
{% macro parse_map(expression) %}
    {{- return(adapter.dispatch('parse_map', 'bursar')(expression)) -}}
{% endmacro %}

{% macro duckdb__parse_map(expression) -%}
    case
        when trim(coalesce({{ expression }}, '')) = '' then null
        when starts_with(trim({{ expression }}), '{')
            then cast(to_json(map_from_entries(list_sort(map_entries(
                cast(cast({{ expression }} as json) as map(varchar, varchar))
            )))) as varchar)
        else cast(to_json(map_from_entries(list_sort(list_transform(
            string_split({{ expression }}, '|'),
            lambda pair: {
                'key': split_part(pair, '=', 1),
                'value': substr(pair, strpos(pair, '=') + 1)
            }
        )))) as varchar)
    end
{%- endmacro %}
