{#-
    The quotient of two decimals(38, 12), cut at 12 places: what so much money buys, and not a
    10^-12th more. Null where the divisor is 0; as exact, and as limited, as `divide`.
-#}
{% macro divide_down(dividend, divisor) %}
    {{- return(adapter.dispatch('divide_down', 'bursar')(dividend, divisor)) -}}
{% endmacro %}

{% macro duckdb__divide_down(dividend, divisor) -%}
    {{ bursar.duckdb__divide(dividend, divisor, rounds=false) }}
{%- endmacro %}
