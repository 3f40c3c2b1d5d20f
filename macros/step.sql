{#- The number of the step in the query of a stepwise model. -#}
{% macro step() -%}
    __step__
{%- endmacro %}
