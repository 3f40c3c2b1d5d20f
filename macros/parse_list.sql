{#- A catalog list, `a|b`, as a list of texts; blank is the empty list. -#}
{% macro parse_list(expression) %}
    {{- return(adapter.dispatch('parse_list', 'bursar')(expression)) -}}
{% endmacro %}

{% macro duckdb__parse_list(expression) -%}
    case
        when trim(coalesce({{ expression }}, '')) = '' then cast([] as varchar[])
        else string_split({{ expression }}, '|')
    end
{%- endmacro %}
