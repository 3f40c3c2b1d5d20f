{#-
    Accepted events of every batch, with the properties that are asked for as columns of their own.

    A file may hold some properties as columns (those that metrics read when it was written) and
    the rest in a map. Files are grouped by which: a property comes from its column where there is
    one, so that the map, which is slow to read, is not touched. Read `properties`, the whole map,
    only where every property is needed.

    Args: `properties` maps a property's name to the column it is to have.
-#}
{% macro landed_events(properties={}) %}
    {%- set layouts = bursar.event_file_layouts() -%}
    {%- if not layouts %}
    select
        cast(null as varchar) as transaction_id,
        cast(null as varchar) as ingest_customer_id,
        cast(null as varchar) as event_type,
        cast(null as timestamp) as "timestamp",
        cast(null as timestamp) as received_at,
        cast(null as varchar) as batch_id,
        cast(null as date) as event_date,
        {%- for column in properties.values() %}
        cast(null as varchar) as {{ column }},
        {%- endfor %}
        cast(null as map(varchar, varchar)) as properties
    where false
    {%- endif -%}
    {%- for layout in layouts %}
    {{ 'union all' if not loop.first }}
    select
        transaction_id,
        customer_id as ingest_customer_id,
        event_type,
        "timestamp",
        received_at,
        batch_id,
        event_date,
        {%- for property, column in properties.items() %}
        {%- if property in layout.promoted %}
        {{ layout.promoted[property] }}{{ ' as ' ~ column if layout.promoted[property] != column }},
        {%- else %}
        properties['{{ property | replace("'", "''") }}'] as {{ column }},
        {%- endif %}
        {%- endfor %}
        {{ bursar.whole_properties(layout.promoted) }} as properties
    from read_parquet(
        {{ bursar.path_list(layout.paths) }},
        hive_partitioning = true,
        hive_types = {'event_date': date}
    )
    {%- endfor %}
{% endmacro %}

{#- The map of all properties of a file that holds some of them as columns. -#}
{% macro whole_properties(promoted) -%}
    {%- if not promoted -%}
    properties
    {%- else -%}
    map_concat(
        properties,
        map_from_entries(list_filter(
            [
                {%- for property, column in promoted.items() %}
                {'k': '{{ property | replace("'", "''") }}', 'v': {{ column }}}{{ ',' if not loop.last }}
                {%- endfor %}
            ],
            lambda entry: entry.v is not null
        ))
    )
    {%- endif -%}
{%- endmacro %}

{#-
    The committed event files, grouped by the properties that they hold as columns: [{promoted,
    paths}]. A file that a compaction replaces is left out, and its day's merged file is in.

    Compactions are read before batches: then each file that one replaces has its batch here. The
    list of a build has them taken into account.
-#}
{% macro event_file_layouts() %}
    {%- set layouts = [] -%}
    {%- if bursar.has_landed_batches() -%}
        {%- set compacted = bursar.compacted_event_files() -%}
        {%- set by_promoted = {} -%}
        {%- set query -%}
            select
                to_json(coalesce(event_file.promoted, [])) as promoted,
                to_json(list(event_file.path order by event_file.path)) as paths
            from (
                select unnest(event_files) as event_file
                from read_json(
                    '{{ bursar.landed_manifests() | replace("'", "''") }}',
                    columns = {event_files: 'STRUCT(
                        path VARCHAR, promoted STRUCT(property VARCHAR, "column" VARCHAR)[]
                    )[]'}
                )
            )
            group by 1
            order by 1
        {%- endset -%}
        {%- for row in run_query(query).rows -%}
            {%- for path in fromjson(row[1]) if path not in compacted.replaced -%}
                {%- do by_promoted.setdefault(row[0], []).append(path) -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- for file in compacted.merged -%}
            {%- do by_promoted.setdefault(file.promoted, []).append(file.path) -%}
        {%- endfor -%}
        {%- for columns, paths in by_promoted.items() -%}
            {%- set promoted = {} -%}
            {%- for entry in fromjson(columns) -%}
                {%- do promoted.update({entry['property']: entry['column']}) -%}
            {%- endfor -%}
            {%- do layouts.append({'promoted': promoted, 'paths': paths}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(layouts) -}}
{% endmacro %}

{#- What `bursar events compact` has merged: {replaced: {path: true}, merged: [{promoted, path}]}. -#}
{% macro compacted_event_files() %}
    {%- set replaced = {} -%}
    {%- set merged = [] -%}
    {%- set found = run_query("select count(*) from glob('landing/compactions/*.json')") -%}
    {%- if not env_var('BURSAR_LANDED_FILES', '') and found.columns[0].values()[0] > 0 -%}
        {%- set query -%}
            select
                to_json(coalesce(event_files[1].promoted, [])) as promoted,
                event_files[1].path as path,
                to_json(replaces) as replaced
            from read_json(
                'landing/compactions/*.json',
                columns = {replaces: 'VARCHAR[]', event_files: 'STRUCT(
                    path VARCHAR, promoted STRUCT(property VARCHAR, "column" VARCHAR)[]
                )[]'}
            )
            order by path
        {%- endset -%}
        {%- for row in run_query(query).rows -%}
            {%- do merged.append({'promoted': row[0], 'path': row[1]}) -%}
            {%- for path in fromjson(row[2]) -%}{%- do replaced.update({path: true}) -%}{%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return({'replaced': replaced, 'merged': merged}) -}}
{% endmacro %}
