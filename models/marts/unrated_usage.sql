with unrated as (
    select * from {{ ref('priced_usage') }}
    where unrated_reason is not null
),

product_slices as (
    select * from {{ ref('product_slices') }}
),

products as (
    select * from {{ ref('stg_products') }}
),

rates as (
    select * from {{ ref('stg_rates') }}
    where pricing_group_values is not null and rate_basis = 'list'
),

unrated_subscriptions as (
    select * from {{ ref('unrated_subscriptions') }}
),

unpriced_values as (
    select distinct
        product_slices.rate_card_id,
        unrated.product_id,
        unrated.pricing_group_values
    from unrated
    inner join product_slices on unrated.slice_id = product_slices.slice_id
    where unrated.unrated_reason = 'no_rate' and unrated.pricing_group_values is not null
),

-- For a value that no rate has, the most alike that one has: a mistyped name shows its remedy.
nearest_rated as (
    select
        unpriced_values.rate_card_id,
        unpriced_values.product_id,
        unpriced_values.pricing_group_values,
        min_by(
            rates.pricing_group_values,
            (
                levenshtein(unpriced_values.pricing_group_values, rates.pricing_group_values),
                rates.pricing_group_values
            )
        ) as nearest_pricing_group_values
    from unpriced_values
    inner join rates
        on unpriced_values.rate_card_id = rates.rate_card_id
        and unpriced_values.product_id = rates.product_id
    group by all
),

final as (
    select
        unrated.contract_id,
        product_slices.customer_id,
        unrated.product_id,
        products.product_name,
        products.metric_name,
        unrated.period_start,
        unrated.slice_start as starting_at,
        unrated.slice_end as ending_before,
        unrated.pricing_group_values,
        unrated.presentation_group_values,
        unrated.quantity,
        unrated.unrated_reason as reason,
        nearest_rated.nearest_pricing_group_values,
        cast(null as varchar) as subscription_id
    from unrated
    inner join product_slices on unrated.slice_id = product_slices.slice_id
    inner join products
        on product_slices.product_id = products.product_id
        and product_slices.product_valid_from = products.valid_from
    left join nearest_rated
        on product_slices.rate_card_id = nearest_rated.rate_card_id
        and unrated.product_id = nearest_rated.product_id
        and unrated.unrated_reason = 'no_rate'
        and unrated.pricing_group_values = nearest_rated.pricing_group_values
    union all by name
    select * from unrated_subscriptions
)

select * from final
order by contract_id, product_id, starting_at, pricing_group_values, presentation_group_values
