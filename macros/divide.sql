{#-
    The quotient of two decimals(38, 12), rounded half away from zero to 12 places; null where the
    divisor is 0.

    The engine divides decimals in floating point, so this divides whole numbers of 10^-12: whole
    quotient, then the remainder carried on by six digits, twice. Exact for divisors up to 10^20;
    beyond, and where the quotient reaches 10^26, the engine raises an error rather than lose a
    digit.
-#}
{% macro divide(dividend, divisor) %}
    {{- return(adapter.dispatch('divide', 'bursar')(dividend, divisor)) -}}
{% endmacro %}

{% macro duckdb__divide(dividend, divisor, rounds=true) -%}
    {%- set whole_dividend = bursar.whole_units(dividend) -%}
    {%- set whole_divisor = 'nullif(' ~ bursar.whole_units(divisor) ~ ', 0)' -%}
    {%- set carried = '(' ~ whole_dividend ~ ' % ' ~ whole_divisor ~ ' * 1000000)' -%}
    {%- set carried_twice = '(' ~ carried ~ ' % ' ~ whole_divisor ~ ' * 1000000)' -%}
    {%- set left_over = '(' ~ carried_twice ~ ' % ' ~ whole_divisor ~ ')' -%}
    cast(
        cast({{ whole_dividend }} // {{ whole_divisor }} as decimal(38, 0))
        + cast({{ carried }} // {{ whole_divisor }} as decimal(7, 0)) * 0.000001
        + cast({{ carried_twice }} // {{ whole_divisor }} as decimal(7, 0)) * 0.000000000001
        {%- if rounds %}
        + case
            when 2 * abs({{ left_over }}) >= abs({{ whole_divisor }})
                then sign({{ left_over }}) * sign({{ whole_divisor }}) * 0.000000000001
            else 0
        end
        {%- endif %}
        as decimal(38, 12)
    )
{%- endmacro %}

{#- A decimal(38, 12) as a whole number of 10^-12, without passing through a wider decimal. -#}
{% macro whole_units(value) -%}
    (
        cast(trunc({{ value }}) as hugeint) * 1000000000000
        + cast(cast({{ value }} - trunc({{ value }}) as decimal(13, 12)) * 1000000000000 as hugeint)
    )
{%- endmacro %}
