{#-
    The one rounding rule of money and quantities: half away from zero, to a fixed number of
    places.
-#}
{% macro round_half_away(value, places) %}
    {{- return(adapter.dispatch('round_half_away', 'bursar')(value, places)) -}}
{% endmacro %}

{% macro default__round_half_away(value, places) -%}
    cast(round({{ value }}, {{ places }}) as decimal(38, 12))
{%- endmacro %}
