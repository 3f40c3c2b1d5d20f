{#-
    Whether an event passes its scope's usage filter: no filter, or the filter's key has one of its
    values.

    Renders `true` while no contract has a filter, and reads the whole property map only for a key
    that the metric does not carry as a column.

    Args: the aliases of the scopes and the events, and the metric's columns by property.
-#}
{% macro usage_filter_condition(scopes, events, columns={}) %}
    {%- set contracts = ref('stg_contracts') -%}
    {%- set keys = [] -%}
    {%- if execute and load_relation(contracts) is not none -%}
        {%- set query -%}
            select distinct usage_filter_key from {{ contracts }} where usage_filter_key is not null order by 1
        {%- endset -%}
        {%- for key in run_query(query).columns[0].values() -%}{%- do keys.append(key) -%}{%- endfor -%}
    {%- endif -%}
    {%- if not keys -%}
    true
    {%- else -%}
    (
        {{ scopes }}.usage_filter_key is null
        or list_contains(
            {{ scopes }}.usage_filter_values,
            case {{ scopes }}.usage_filter_key
                {%- for key in keys %}
                when '{{ key | replace("'", "''") }}' then {{ events }}.
                {%- if key in columns %}{{ columns[key] }}
                {%- else %}properties['{{ key | replace("'", "''") }}']{% endif %}
                {%- endfor %}
            end
        )
    )
    {%- endif -%}
{% endmacro %}
