{#- The date that the last instant before `instant` lies on. -#}
{% macro date_before(instant) %}
    {{- return(adapter.dispatch('date_before', 'bursar')(instant)) -}}
{% endmacro %}

{% macro duckdb__date_before(instant) -%}
    cast({{ instant }} - interval 1 microsecond as date)
{%- endmacro %}
