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
    paths}].
-#}
{% macro event_file_layouts() %}
    {%- set layouts = [] -%}
    {%- if bursar.has_landed_batches() -%}
        {%- set query -%}
            select
                to_json(coalesce(event_file.promoted, [])) as promoted,
                to_json(list(event_file.path order by event_file.path)) as paths
            from (
                select unnest(event_files) as event_file
                from read_json(
                    'landing/batches/*.json',
                    columns = {event_files: 'STRUCT(
                        path VARCHAR, promoted STRUCT(property VARCHAR, "column" VARCHAR)[]
                    )[]'}
                )
            )
            group by 1
            order by 1
        {%- endset -%}
        {%- for row in run_query(query).rows -%}
            {%- set promoted = {} -%}
            {%- for entry in fromjson(row[0]) -%}
                {%- do promoted.update({entry['property']: entry['column']}) -%}
            {%- endfor -%}
            {%- do layouts.append({'promoted': promoted, 'paths': fromjson(row[1])}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(layouts) -}}
{% endmacro %}
