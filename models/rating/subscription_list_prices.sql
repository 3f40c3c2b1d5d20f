with subscription_units as (
    select * from {{ ref('subscription_units') }}
),

products as (
    select * from {{ ref('stg_products') }}
),

rates as (
    select * from {{ ref('stg_rates') }}
    where rate_basis = 'list' and pricing_group_values is null
),

-- The price at the period's start holds for the whole period. A charge without a rate keeps its
-- row, so that it can be listed as unrated.
final as (
    select
        subscription_units.*,
        products.product_name,
        products.valid_from as product_valid_from,
        cast(null as varchar) as pricing_group_values,
        cast(null as varchar) as presentation_group_values,
        rates.rate_id,
        rates.rate_type as list_rate_type,
        rates.pricing_unit,
        rates.is_entitled,
        subscription_units.period_start as priced_at,
        rates.price as list_price
    from subscription_units
    -- A product has no name, and no tags, before its first version.
    left join products
        on subscription_units.product_id = products.product_id
        and subscription_units.period_start >= products.valid_from
        and subscription_units.period_start
        < coalesce(products.valid_until, timestamp '9999-01-01')
    left join rates
        on subscription_units.rate_card_id = rates.rate_card_id
        and subscription_units.product_id = rates.product_id
        and subscription_units.billing_frequency = rates.billing_frequency
        and subscription_units.period_start >= rates.starting_at
        and subscription_units.period_start
        < coalesce(rates.effective_until, timestamp '9999-01-01')
)

select * from final
