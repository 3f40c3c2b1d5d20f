with restrictions as (
    select * from {{ ref('commit_restrictions') }}
),

commit_specifiers as (
    select * from {{ ref('stg_commit_specifiers') }}
),

specified_products as (
    select * from {{ ref('specified_products') }}
),

products as (
    select * from {{ ref('stg_products') }}
),

product_tags as (
    select * from {{ ref('product_tags') }}
),

applicable_ids as (
    select
        restrictions.scope_id,
        {{ bursar.explode_list('restrictions.applicable_product_ids') }} as product_id
    from restrictions
),

applicable_tags as (
    select
        restrictions.scope_id,
        {{ bursar.explode_list('restrictions.applicable_product_tags') }} as tag
    from restrictions
),

-- Either match is enough.
applicable as (
    select
        applicable_ids.scope_id,
        products.product_id,
        products.valid_from
    from applicable_ids
    inner join products on applicable_ids.product_id = products.product_id
    union
    select
        applicable_tags.scope_id,
        product_tags.product_id,
        product_tags.valid_from
    from applicable_tags
    inner join product_tags on applicable_tags.tag = product_tags.tag
),

-- Rows are alternatives; a product of null is every product.
final as (
    select
        applicable.scope_id,
        cast(null as varchar) as specifier_id,
        applicable.product_id,
        applicable.valid_from as product_valid_from,
        cast(null as varchar) as pricing_group_values,
        cast(null as varchar) as presentation_group_values
    from applicable
    union all
    select
        restrictions.scope_id,
        null as specifier_id,
        null as product_id,
        null as product_valid_from,
        null as pricing_group_values,
        null as presentation_group_values
    from restrictions
    where
        len(restrictions.applicable_product_ids) = 0
        and len(restrictions.applicable_product_tags) = 0
        and not restrictions.has_specifiers
    union all
    select
        specified_products.commit_id as scope_id,
        specified_products.specifier_id,
        specified_products.product_id,
        specified_products.valid_from as product_valid_from,
        specified_products.pricing_group_values,
        specified_products.presentation_group_values
    from specified_products
    union all
    select
        commit_specifiers.commit_id as scope_id,
        commit_specifiers.specifier_id,
        null as product_id,
        null as product_valid_from,
        commit_specifiers.pricing_group_values,
        commit_specifiers.presentation_group_values
    from commit_specifiers
    where commit_specifiers.product_id is null and len(commit_specifiers.product_tags) = 0
)

select * from final
