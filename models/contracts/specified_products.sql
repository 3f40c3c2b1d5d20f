{{ config(materialized='view') }}

with commit_specifiers as (
    select * from {{ ref('stg_commit_specifiers') }}
),

products as (
    select * from {{ ref('stg_products') }}
),

product_tags as (
    select * from {{ ref('product_tags') }}
),

-- All that a specifier states must hold.
final as (
    select
        commit_specifiers.commit_id,
        commit_specifiers.specifier_id,
        products.product_id,
        products.valid_from,
        commit_specifiers.pricing_group_values,
        commit_specifiers.presentation_group_values
    from commit_specifiers
    inner join products
        on commit_specifiers.product_id = products.product_id
        and {{ bursar.list_holds('products.tags', 'commit_specifiers.product_tags') }}
    union all
    select
        commit_specifiers.commit_id,
        commit_specifiers.specifier_id,
        product_tags.product_id,
        product_tags.valid_from,
        commit_specifiers.pricing_group_values,
        commit_specifiers.presentation_group_values
    from commit_specifiers
    inner join product_tags
        on commit_specifiers.product_tags[1] = product_tags.tag
        and {{ bursar.list_holds('product_tags.tags', 'commit_specifiers.product_tags') }}
    where commit_specifiers.product_id is null
)

select * from final
