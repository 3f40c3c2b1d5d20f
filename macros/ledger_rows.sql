{#-
    Rows of finalized invoices, of every batch of the ledger. The batch manifests say which files
    count, so that a file whose batch was not committed is not seen.

    Args: `kind` is `invoices`, `line_items`, `draws` or `voids`; `columns` maps a column's name to
    its type. A column that older files do not have, or none has, is
    null.
-#}
{% macro ledger_rows(kind, columns) %}
    {{- return(adapter.dispatch('ledger_rows', 'bursar')(kind, columns)) -}}
{% endmacro %}

{% macro duckdb__ledger_rows(kind, columns) %}
    {%- set paths = [] -%}
    {%- if bursar.has_ledger() -%}
        {%- set query -%}
            select file.path
            from (
                select unnest(files) as file
                from read_json(
                    'ledger/batches/*.json',
                    columns = {files: 'STRUCT(kind VARCHAR, path VARCHAR)[]'}
                )
            )
            where file.kind = '{{ kind }}'
            order by file.path
        {%- endset -%}
        {%- for path in run_query(query).columns[0].values() -%}{%- do paths.append(path) -%}{%- endfor -%}
    {%- endif -%}
    select
        {%- for name, type in columns.items() %}
        cast({{ name if paths else 'null' }} as {{ type }}) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    {%- if paths %}
    from (
        select * from read_parquet({{ bursar.path_list(paths) }}, union_by_name = true)
        union all by name
        select
            {%- for name, type in columns.items() %}
            cast(null as {{ type }}) as {{ name }}{{ ',' if not loop.last }}
            {%- endfor %}
        where false
    )
    {%- else %}
    where false
    {%- endif %}
{% endmacro %}

{#- Whether anything was finalized; asked first, because an empty glob is an error. -#}
{% macro has_ledger() %}
    {%- if execute -%}
        {%- set found = run_query("select count(*) from glob('ledger/batches/*.json')") -%}
        {{- return(found.columns[0].values()[0] > 0) -}}
    {%- endif -%}
    {{- return(false) -}}
{% endmacro %}
