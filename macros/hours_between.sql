{#- The whole hours between two instants on the hour, as a decimal that multiplies prices. -#}
{% macro hours_between(earlier, later) %}
    {{- return(adapter.dispatch('hours_between', 'bursar')(earlier, later)) -}}
{% endmacro %}

{% macro duckdb__hours_between(earlier, later) -%}
    cast(datediff('hour', {{ earlier }}, {{ later }}) as decimal(38, 12))
{%- endmacro %}
