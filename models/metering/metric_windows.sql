with metered_steps as (
    select * from {{ ref('metered_steps') }}
),

product_slices as (
    select * from {{ ref('product_slices') }}
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

-- A declared metric is evaluated at the product's keys and on what the contract's filter leaves of
-- the events; a SQL metric brings its own groups, which are filtered and summed over afterwards.
metered_slices as (
    select
        product_slices.slice_id,
        product_slices.customer_id,
        product_slices.period_start,
        product_slices.metered_from,
        products.metric_name,
        metric_definitions.metric_class = 'additive' as is_additive,
        products.conversion_factor is not null
        or products.rounding_method is not null as is_adjusted,
        case
            when metric_definitions.form = 'declared'
                then {{ bursar.sorted_union(
                    'products.pricing_group_keys', 'products.presentation_group_keys'
                ) }}
            else {{ bursar.empty_list() }}
        end as group_keys,
        case
            when metric_definitions.form = 'declared' then contract_products.usage_filter_key
        end as usage_filter_key,
        case
            when metric_definitions.form = 'declared' then contract_products.usage_filter_values
        end as usage_filter_values
    from product_slices
    inner join contract_products
        on product_slices.contract_id = contract_products.contract_id
        and product_slices.product_id = contract_products.product_id
    inner join products
        on product_slices.product_id = products.product_id
        and product_slices.product_valid_from = products.valid_from
    -- That a usage product has a metric, and that it exists, is a rule of the catalog.
    inner join metric_definitions on products.metric_name = metric_definitions.metric_name
),

-- What a metric gives up to an instant of the period: parts that add up where the metric is a
-- plain sum, else the whole from the period's start.
windowed as (
    select
        metered_slices.*,
        metered_steps.step_number,
        case
            when metered_slices.is_additive then metered_steps.step_start
            else metered_slices.period_start
        end as window_start,
        metered_steps.step_end as window_end
    from metered_slices
    inner join metered_steps on metered_slices.slice_id = metered_steps.slice_id
    union all
    -- Step 0 is what stood at the slice's start, by the slice's own version of the product. A
    -- plain sum that is neither converted nor rounded does without.
    select
        metered_slices.*,
        0 as step_number,
        metered_slices.period_start as window_start,
        metered_slices.metered_from as window_end
    from metered_slices
    where
        metered_slices.metered_from > metered_slices.period_start
        and (not metered_slices.is_additive or metered_slices.is_adjusted)
),

final as (
    select
        dense_rank() over (
            order by
                windowed.metric_name,
                windowed.customer_id,
                windowed.window_start,
                windowed.window_end,
                windowed.group_keys,
                windowed.usage_filter_key,
                windowed.usage_filter_values
        ) as scope_id,
        windowed.slice_id,
        windowed.step_number,
        windowed.is_additive,
        windowed.metric_name,
        windowed.customer_id,
        windowed.window_start,
        windowed.window_end,
        windowed.group_keys,
        windowed.usage_filter_key,
        windowed.usage_filter_values
    from windowed
)

select * from final
