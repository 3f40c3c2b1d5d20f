with step_quantities as (
    select * from {{ ref('step_quantities') }}
),

product_slices as (
    select * from {{ ref('product_slices') }}
),

products as (
    select * from {{ ref('stg_products') }}
),

metered_steps as (
    select * from {{ ref('metered_steps') }}
),

converted as (
    select
        step_quantities.*,
        products.rounding_method,
        products.rounding_decimal_places,
        case products.conversion_operation
            when 'multiply'
                then {{ bursar.multiply(
                    'step_quantities.metered_quantity', 'products.conversion_factor'
                ) }}
            when 'divide'
                then {{ bursar.divide(
                    'step_quantities.metered_quantity', 'products.conversion_factor'
                ) }}
            else step_quantities.metered_quantity
        end as converted_quantity
    from step_quantities
    inner join product_slices on step_quantities.slice_id = product_slices.slice_id
    inner join products
        on product_slices.product_id = products.product_id
        and product_slices.product_valid_from = products.valid_from
),

rounded as (
    select
        converted.*,
        case
            when converted.rounding_method is null then converted.converted_quantity
            else {{ bursar.round_to_places(
                'converted.converted_quantity',
                'coalesce(converted.rounding_decimal_places, 0)',
                'converted.rounding_method'
            ) }}
        end as cumulative_quantity
    from converted
),

-- What a step adds to the cumulative quantity. A plain sum stands until its next row, so the row
-- before is taken off; of any other metric, a group that is missing at a step has no quantity
-- there, so each row is taken off one step on.
increments as (
    select
        rounded.slice_id,
        rounded.step_number,
        rounded.pricing_group_values,
        rounded.presentation_group_values,
        rounded.cumulative_quantity - case
            when rounded.is_additive
                then lag(rounded.cumulative_quantity, 1, 0) over (
                        partition by
                            rounded.slice_id,
                            rounded.pricing_group_values,
                            rounded.presentation_group_values
                        order by rounded.step_number
                    )
            else 0
        end as quantity
    from rounded
    union all
    select
        rounded.slice_id,
        rounded.step_number + 1 as step_number,
        rounded.pricing_group_values,
        rounded.presentation_group_values,
        -rounded.cumulative_quantity as quantity
    from rounded
    where not rounded.is_additive
),

final as (
    select
        increments.slice_id,
        increments.step_number,
        metered_steps.step_end,
        increments.pricing_group_values,
        increments.presentation_group_values,
        cast(sum(increments.quantity) as decimal(38, 12)) as quantity
    from increments
    -- Step 0 stood before the slice, and what would be taken off after its last step lies behind
    -- it.
    inner join metered_steps
        on increments.slice_id = metered_steps.slice_id
        and increments.step_number = metered_steps.step_number
    group by all
)

select * from final
where quantity <> 0
