with slice_prices as (
    select * from {{ ref('slice_prices') }}
    where product_type = 'composite' and unrated_reason is null
),

products as (
    select * from {{ ref('stg_products') }}
),

rates as (
    select * from {{ ref('stg_rates') }}
),

final as (
    select
        slice_prices.slice_id,
        slice_prices.contract_id,
        slice_prices.product_id,
        slice_prices.period_start,
        slice_prices.period_end,
        slice_prices.slice_start,
        slice_prices.slice_end,
        products.composite_product_ids,
        products.composite_tags,
        products.composite_excludes_free,
        slice_prices.rate_id,
        slice_prices.override_id,
        rates.pricing_unit,
        slice_prices.list_price,
        slice_prices.unit_price,
        rates.minimum,
        row_number() over (
            partition by
                slice_prices.contract_id, slice_prices.product_id, slice_prices.period_start
            order by slice_prices.slice_start
        ) as entitled_number,
        slice_prices.slice_start = max(slice_prices.slice_start) over (
            partition by
                slice_prices.contract_id, slice_prices.product_id, slice_prices.period_start
        ) as is_last_entitled
    from slice_prices
    inner join products
        on slice_prices.product_id = products.product_id
        and slice_prices.product_valid_from = products.valid_from
    -- What has a price has a rate.
    inner join rates on slice_prices.rate_id = rates.rate_id
)

select * from final
