with contracts as (
    select * from {{ ref('stg_contracts') }}
),

products as (
    select * from {{ ref('stg_products') }}
),

rates as (
    select * from {{ ref('stg_rates') }}
),

-- A product is rated on a contract once its card has a rate for it, at any time.
rated_on_card as (
    select distinct
        rates.rate_card_id,
        rates.product_id,
        products.product_type
    from rates
    -- Products are checked to exist, and to be of one type in all versions.
    inner join products on rates.product_id = products.product_id
),

final as (
    select
        contracts.contract_id,
        contracts.customer_id,
        contracts.rate_card_id,
        rated_on_card.product_id,
        rated_on_card.product_type,
        contracts.usage_filter_key,
        contracts.usage_filter_values,
        contracts.starting_at,
        contracts.ending_before
    from contracts
    -- A card without rates sells nothing that is rated.
    inner join rated_on_card
        on contracts.rate_card_id = rated_on_card.rate_card_id
)

select * from final
