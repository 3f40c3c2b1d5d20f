{{ config(materialized='view') }}

with commit_scopes as (
    select * from {{ ref('commit_scopes') }}
),

commit_specifiers as (
    select * from {{ ref('stg_commit_specifiers') }}
),

restrictions as (
    select * from {{ ref('commit_restrictions') }}
),

reach as (
    select
        commit_scopes.scope_id,
        case
            when count(*) = count(commit_scopes.product_id)
                then count(distinct commit_scopes.product_id)
        end as product_count
    from commit_scopes
    group by commit_scopes.scope_id
),

-- A specifier that fits no product counts, too.
group_specifiers as (
    select
        commit_specifiers.commit_id as scope_id,
        count(*) as specifier_count
    from commit_specifiers
    where
        commit_specifiers.pricing_group_values is not null
        or commit_specifiers.presentation_group_values is not null
    group by commit_specifiers.commit_id
),

-- What is restricted to products that do not exist fits none.
final as (
    select
        restrictions.scope_id,
        case when reach.scope_id is null then 0 else reach.product_count end as product_count,
        coalesce(group_specifiers.specifier_count, 0) as group_specifier_count
    from restrictions
    left join reach on restrictions.scope_id = reach.scope_id
    left join group_specifiers on restrictions.scope_id = group_specifiers.scope_id
)

select * from final
