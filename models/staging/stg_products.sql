with products as (
    select * from {{ bursar.catalog_relation('products') }}
),

typed as (
    select
        products.product_id,
        products.product_name,
        products.product_type,
        {{ bursar.parse_list('products.tags') }} as tags,
        products.metric_name,
        {{ bursar.parse_list('products.pricing_group_keys') }} as pricing_group_keys,
        {{ bursar.parse_list('products.presentation_group_keys') }} as presentation_group_keys,
        products.conversion_operation,
        cast(products.conversion_factor as decimal(38, 12)) as conversion_factor,
        coalesce(
            products.rounding_method,
            case when products.rounding_decimal_places is not null then 'half_up' end
        ) as rounding_method,
        cast(products.rounding_decimal_places as integer) as rounding_decimal_places,
        coalesce(products.evaluation, 'incremental') as evaluation,
        {{ bursar.parse_list('products.composite_product_ids') }} as composite_product_ids,
        {{ bursar.parse_list('products.composite_tags') }} as composite_tags,
        coalesce(cast(products.composite_excludes_free as boolean), false)
            as composite_excludes_free,
        coalesce({{ bursar.parse_time('products.starting_at') }}, timestamp '0001-01-01')
            as valid_from
    from products
),

-- A later row replaces the one before it from its start on.
final as (
    select
        typed.*,
        lead(typed.valid_from) over (
            partition by typed.product_id
            order by typed.valid_from
        ) as valid_until
    from typed
)

select * from final
