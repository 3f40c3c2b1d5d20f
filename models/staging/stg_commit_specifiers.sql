with commit_specifiers as (
    select * from {{ bursar.catalog_relation('commit_specifiers') }}
),

final as (
    select
        commit_specifiers.commit_id,
        commit_specifiers.specifier_id,
        nullif(trim(commit_specifiers.product_id), '') as product_id,
        {{ bursar.parse_list('commit_specifiers.product_tags') }} as product_tags,
        {{ bursar.parse_map('commit_specifiers.pricing_group_values') }} as pricing_group_values,
        {{ bursar.parse_map('commit_specifiers.presentation_group_values') }}
            as presentation_group_values
    from commit_specifiers
)

select * from final
