{{ config(materialized='view') }}

with products as (
    select * from {{ ref('stg_products') }}
),

final as (
    select
        products.product_id,
        products.valid_from,
        products.tags,
        {{ bursar.explode_list('products.tags') }} as tag
    from products
)

select * from final
