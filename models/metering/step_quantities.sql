with metric_quantities as (
    select * from {{ ref('metric_quantities') }}
),

metric_windows as (
    select * from {{ ref('metric_windows') }}
),

metric_definitions as (
    select * from {{ ref('metric_definitions') }}
),

product_slices as (
    select * from {{ ref('product_slices') }}
),

products as (
    select * from {{ ref('stg_products') }}
),

contract_products as (
    select * from {{ ref('contract_products') }}
),

grouped as (
    select
        metric_windows.slice_id,
        metric_windows.step_number,
        metric_windows.is_additive,
        {{ bursar.group_values_json(
            'metric_quantities.group_values', 'products.pricing_group_keys'
        ) }} as pricing_group_values,
        {{ bursar.group_values_json(
            'metric_quantities.group_values', 'products.presentation_group_keys'
        ) }} as presentation_group_values,
        metric_quantities.value
    from metric_quantities
    inner join metric_windows on metric_quantities.scope_id = metric_windows.scope_id
    inner join metric_definitions on metric_windows.metric_name = metric_definitions.metric_name
    inner join product_slices on metric_windows.slice_id = product_slices.slice_id
    inner join products
        on product_slices.product_id = products.product_id
        and product_slices.product_valid_from = products.valid_from
    inner join contract_products
        on product_slices.contract_id = contract_products.contract_id
        and product_slices.product_id = contract_products.product_id
    where
        metric_quantities.value is not null
        -- A declared metric has seen only the events that pass; a SQL metric's rows are filtered
        -- here.
        and (
            metric_definitions.form = 'declared'
            or contract_products.usage_filter_key is null
            or {{ bursar.list_has(
                'contract_products.usage_filter_values',
                'metric_quantities.group_values[contract_products.usage_filter_key]'
            ) }}
        )
),

summed as (
    select
        grouped.slice_id,
        grouped.step_number,
        grouped.is_additive,
        grouped.pricing_group_values,
        grouped.presentation_group_values,
        sum(grouped.value) as value
    from grouped
    group by all
),

final as (
    select
        summed.slice_id,
        summed.step_number,
        summed.is_additive,
        summed.pricing_group_values,
        summed.presentation_group_values,
        case
            when summed.is_additive
                then sum(summed.value) over (
                        partition by
                            summed.slice_id,
                            summed.pricing_group_values,
                            summed.presentation_group_values
                        order by summed.step_number
                        rows between unbounded preceding and current row
                    )
            else summed.value
        end as metered_quantity
    from summed
)

select * from final
