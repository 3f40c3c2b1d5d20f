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
        rates.product_id
    from rates
    -- Products of other types are not metered.
    inner join products
        on rates.product_id = products.product_id
        and products.product_type = 'usage'
),

final as (
    select
        contracts.contract_id,
        contracts.customer_id,
        contracts.rate_card_id,
        rated_on_card.product_id,
        contracts.usage_filter_key,
        contracts.usage_filter_values
    from contracts
    -- A card without usage rates sells no usage.
    inner join rated_on_card
        on contracts.rate_card_id = rated_on_card.rate_card_id
)

select * from final
