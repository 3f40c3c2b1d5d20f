with step_usage as (
    select * from {{ ref('step_usage') }}
),

product_slices as (
    select * from {{ ref('product_slices') }}
),

products as (
    select * from {{ ref('stg_products') }}
),

dated as (
    select
        product_slices.contract_id,
        product_slices.customer_id,
        product_slices.product_id,
        product_slices.slice_start,
        products.metric_name,
        {{ bursar.date_before('step_usage.step_end') }} as usage_date,
        step_usage.pricing_group_values,
        step_usage.presentation_group_values,
        step_usage.quantity
    from step_usage
    inner join product_slices on step_usage.slice_id = product_slices.slice_id
    inner join products
        on product_slices.product_id = products.product_id
        and product_slices.product_valid_from = products.valid_from
),

final as (
    select
        dated.contract_id,
        dated.customer_id,
        dated.product_id,
        -- On a day on which the product changes its metric, the new one.
        max_by(dated.metric_name, dated.slice_start) as metric_name,
        dated.usage_date,
        dated.pricing_group_values,
        dated.presentation_group_values,
        cast(sum(dated.quantity) as decimal(38, 12)) as quantity
    from dated
    group by
        dated.contract_id,
        dated.customer_id,
        dated.product_id,
        dated.usage_date,
        dated.pricing_group_values,
        dated.presentation_group_values
)

select * from final
order by contract_id, product_id, usage_date, pricing_group_values, presentation_group_values
