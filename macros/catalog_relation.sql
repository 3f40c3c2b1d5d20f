{#-
    Where a catalog relation comes from: the seed of its name, or a table of the same columns.

    A team that keeps, say, its contracts in a CRM states in its dbt_project.yml

    vars: catalog_source: {type: source, source: crm, relations: [contracts]}

    and declares a dbt source `crm` with a table `contracts`. Without `relations` every relation
    comes from there. Only the staging models of the catalog call this.
-#}
{% macro catalog_relation(relation_name) %}
    {%- set place = var('catalog_source', {'type': 'seeds'}) -%}
    {%- if place.type not in ('seeds', 'source') -%}
        {{ exceptions.raise_compiler_error(
            "catalog_source: type is " ~ place.type ~ ", but must be seeds or source."
        ) }}
    {%- endif -%}
    {%- if place.type == 'source' and relation_name in place.get('relations', [relation_name]) -%}
        {{- return(source(place.source, relation_name)) -}}
    {%- endif -%}
    {{- return(ref(relation_name)) -}}
{% endmacro %}
