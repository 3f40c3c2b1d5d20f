{#- dbt asks the project itself what a schema is called, never its packages: hand the question on. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ return(bursar.generate_schema_name(custom_schema_name, node)) }}
{%- endmacro %}
