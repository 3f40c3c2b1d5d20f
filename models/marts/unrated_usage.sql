with priced_usage as (
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
    where pricing_group_values is not null
),

unrated_subscriptions as (
    select * from {{ ref('unrated_subscriptions') }}
),

-- For a value that no rate has, the most alike that one has: a mistyped name shows its remedy.
nearest_rated as (
    select
        priced_usage.slice_id,
        priced_usage.pricing_group_values,
        min_by(
            rates.pricing_group_values,
            (
                levenshtein(priced_usage.pricing_group_values, rates.pricing_group_values),
                rates.pricing_group_values
            )
        ) as nearest_pricing_group_values
    from priced_usage
    inner join product_slices on priced_usage.slice_id = product_slices.slice_id
    inner join rates
        on product_slices.rate_card_id = rates.rate_card_id
        and product_slices.product_id = rates.product_id
    where priced_usage.unrated_reason = 'no_rate'
    group by all
),

final as (
    select
        priced_usage.contract_id,
        product_slices.customer_id,
        priced_usage.product_id,
        products.product_name,
        products.metric_name,
        priced_usage.period_start,
        priced_usage.slice_start as starting_at,
        priced_usage.slice_end as ending_before,
        priced_usage.pricing_group_values,
        priced_usage.presentation_group_values,
        priced_usage.quantity,
        priced_usage.unrated_reason as reason,
        nearest_rated.nearest_pricing_group_values,
        cast(null as varchar) as subscription_id
    from priced_usage
    inner join product_slices on priced_usage.slice_id = product_slices.slice_id
    inner join products
        on product_slices.product_id = products.product_id
        and product_slices.product_valid_from = products.valid_from
    left join nearest_rated
        on priced_usage.slice_id = nearest_rated.slice_id
        and priced_usage.pricing_group_values = nearest_rated.pricing_group_values
    union all by name
    select * from unrated_subscriptions
)

select * from final
order by contract_id, product_id, starting_at, pricing_group_values, presentation_group_values
