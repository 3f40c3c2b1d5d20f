{#-
    Rounds a decimal to a number of places that each row brings, 0 to 12.

    `method`, if given, is an expression too: `half_up` (half away from zero), `up` (away from
    zero), `down` (toward zero), so that reversing a quantity reverses what it costs. Null places:
    the value as it is. The engine rounds to a constant number of places only, hence a branch each.
-#}
{% macro round_to_places(value, places, method=none) -%}
    {%- set nearest = bursar.nearest_at_places(value, places) -%}
    {%- if method is none -%}
    {{ nearest }}
    {%- else -%}
    {%- set unit = 'sign(' ~ value ~ ') * ' ~ bursar.unit_at_places(places) -%}
    {{ nearest }}
    + case
        when {{ method }} = 'up' and abs({{ nearest }}) < abs({{ value }}) then {{ unit }}
        when {{ method }} = 'down' and abs({{ nearest }}) > abs({{ value }}) then -{{ unit }}
        else 0
    end
    {%- endif -%}
{%- endmacro %}

{% macro nearest_at_places(value, places) -%}
    case {{ places }}
        {%- for digits in range(12) %} when {{ digits }} then {{ bursar.round_half_away(value, digits) }}
        {%- endfor %} else {{ value }}
    end
{%- endmacro %}

{% macro unit_at_places(places) -%}
    case {{ places }}
        {%- for digits in range(12) %} when {{ digits }} then
            {{- ' ' }}cast({{ '1' if digits == 0 else '0.' ~ '0' * (digits - 1) ~ '1' }} as decimal(13, 12))
        {%- endfor %} else cast(0.000000000001 as decimal(13, 12))
    end
{%- endmacro %}
