{#-
    Landed files as relations. The batch manifests say which files count; a folder is never globbed
    for them, so that a file whose batch was not committed is not seen. `bursar build` says here
    what the manifests said when it began: what lands while it runs is the next build's.
-#}

{#- Where the lists of files are: one JSON object a batch, or a part of the build's own list. -#}
{% macro landed_manifests() -%}
    {{- return(env_var('BURSAR_LANDED_FILES', '') or 'landing/batches/*.json') -}}
{%- endmacro %}

{#-
    Whether anything has landed. Asked before reading the manifests, because an empty glob is an
    error.
-#}
{% macro has_landed_batches() %}
    {%- if execute -%}
        {%- set path = bursar.landed_manifests() | replace("'", "''") -%}
        {%- set found = run_query("select count(*) from glob('" ~ path ~ "')") -%}
        {{- return(found.columns[0].values()[0] > 0) -}}
    {%- endif -%}
    {{- return(false) -}}
{% endmacro %}

{#- A list of paths as a SQL list of literals. -#}
{% macro path_list(paths) -%}
    [{% for path in paths %}'{{ path | replace("'", "''") }}'{{ ', ' if not loop.last }}{% endfor %}]
{%- endmacro %}

{#-
    Rejected or duplicate lines of every batch.

    Args: `outcome` is `rejected` or `duplicates`; `columns` maps a column's name to its type.
-#}
{% macro landed_relation(outcome, columns) %}
    {%- set field = {'rejected': 'rejected_files', 'duplicates': 'duplicate_files'}[outcome] -%}
    {%- set paths = [] -%}
    {%- if bursar.has_landed_batches() -%}
        {%- set query -%}
            select distinct unnest({{ field }}) as path
            from read_json(
                '{{ bursar.landed_manifests() | replace("'", "''") }}',
                columns = {{ '{' }}{{ field }}: 'VARCHAR[]'{{ '}' }}
            )
            order by path
        {%- endset -%}
        {%- for path in run_query(query).columns[0].values() -%}{%- do paths.append(path) -%}{%- endfor -%}
    {%- endif -%}
    select
        {%- for name, type in columns.items() %}
        {{ name if paths else 'cast(null as ' ~ type ~ ') as ' ~ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    {%- if paths %}
    from read_parquet({{ bursar.path_list(paths) }})
    {%- else %}
    where false
    {%- endif %}
{% endmacro %}
