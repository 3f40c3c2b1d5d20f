{#-
    Where a catalog relation comes from: the seed of its name, or rows of the same columns elsewhere.

    A team that keeps, say, its contracts in a CRM, or too many of them for a CSV, states in its
    dbt_project.yml one of

    vars: catalog_source: {type: parquet, folder: catalog, relations: [contracts]}
    vars: catalog_source: {type: source, source: crm, relations: [contracts]}

    and keeps `catalog/contracts.parquet` (or a folder `catalog/contracts` of such files), or
    declares a dbt source `crm` with a table `contracts`. Without `relations` every relation comes
    from there. Only the staging models of the catalog call this.
-#}
{% macro catalog_relation(relation_name) %}
    {%- set place = var('catalog_source', {'type': 'seeds'}) -%}
    {%- if place.type not in ('seeds', 'parquet', 'source') -%}
        {{ exceptions.raise_compiler_error(
            "catalog_source: type is " ~ place.type ~ ", but must be seeds, parquet or source."
        ) }}
    {%- endif -%}
    {%- if place.type == 'seeds' or relation_name not in place.get('relations', [relation_name]) -%}
        {{- return(ref(relation_name)) -}}
    {%- elif place.type == 'source' -%}
        {{- return(bursar.blanks_as_null(source(place.source, relation_name))) -}}
    {%- endif -%}
    {{- return(bursar.blanks_as_null(bursar.parquet_rows(place.folder, relation_name))) -}}
{% endmacro %}

{#-
    The rows of a relation with every column as text, as a seed's are: a blank is null, and the
    staging models do the typing.
-#}
{% macro blanks_as_null(relation) %}
    {{- return(adapter.dispatch('blanks_as_null', 'bursar')(relation)) -}}
{% endmacro %}

{% macro duckdb__blanks_as_null(relation) -%}
    (select nullif(columns(*)::varchar, '') from {{ relation }})
{%- endmacro %}

{#- The rows of `<folder>/<relation>.parquet`, or of all Parquet files in `<folder>/<relation>`. -#}
{% macro parquet_rows(folder, relation_name) %}
    {{- return(adapter.dispatch('parquet_rows', 'bursar')(folder, relation_name)) -}}
{% endmacro %}

{% macro duckdb__parquet_rows(folder, relation_name) -%}
    {%- set single = folder ~ '/' ~ relation_name ~ '.parquet' -%}
    {%- set several = folder ~ '/' ~ relation_name ~ '/*.parquet' -%}
    {%- set has_single = execute and run_query(
        "select count(*) from glob('" ~ single | replace("'", "''") ~ "')"
    ).columns[0].values()[0] > 0 -%}
    read_parquet('{{ (single if has_single else several) | replace("'", "''") }}', hive_partitioning = false)
{%- endmacro %}
