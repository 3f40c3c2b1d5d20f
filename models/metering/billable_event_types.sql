with contracts as (
    select * from {{ ref('stg_contracts') }}
),

contract_products as (
    select * from {{ ref('contract_products') }}
),

products as (
    select * from {{ ref('stg_products') }}
),

metric_definitions as (
    select * from {{ ref('metric_definitions') }}
),

-- A metric that names no event types reads them all, and has a single row here, with a null.
selected_types as (
    select
        metric_definitions.metric_name,
        unnest(coalesce(metric_definitions.event_types, [null])) as event_type
    from metric_definitions
),

final as (
    select distinct
        contracts.customer_id,
        contracts.starting_at,
        contracts.ending_before,
        selected_types.event_type
    from contracts
    inner join contract_products on contracts.contract_id = contract_products.contract_id
    inner join products on contract_products.product_id = products.product_id
    inner join selected_types on products.metric_name = selected_types.metric_name
)

select * from final
