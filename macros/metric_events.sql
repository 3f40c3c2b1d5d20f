{#-
    The events that metrics read: one row an event of a known customer that had been received by
    `as_of`, with the properties that metrics read as columns. The body of the generated model
    `metric_events`.

    Args: `properties` maps a property's name to its column.
-#}
{% macro metric_events(properties={}) %}
with landed as (
    {{ bursar.landed_events(properties) }}
)

select
    landed.transaction_id,
    customer_identities.customer_id,
    landed.event_type,
    landed."timestamp",
    landed.received_at,
    landed.event_date,
    {%- for column in properties.values() %}
    landed.{{ column }},
    {%- endfor %}
    landed.properties
from landed
-- An event of nobody we know is listed in unmatched_events.
inner join {{ ref('stg_customer_identities') }} as customer_identities
    on landed.ingest_customer_id = customer_identities.ingest_id
where landed.received_at <= (select run.as_of from {{ ref('stg_run') }} as run)
{% endmacro %}
