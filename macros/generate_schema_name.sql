{#-
    A custom schema is a schema's whole name: `billing`, not `main_billing`. dbt asks the root
    project only, so a user's project has a macro of this name that calls this one.
-#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ return(custom_schema_name | trim if custom_schema_name else target.schema) }}
{%- endmacro %}
