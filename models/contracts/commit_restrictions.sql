{{ config(materialized='view') }}

with commits as (
    select * from {{ ref('stg_commits') }}
),

recurring_commits as (
    select * from {{ ref('stg_recurring_commits') }}
),

commit_specifiers as (
    select * from {{ ref('stg_commit_specifiers') }}
),

specified as (
    select distinct commit_specifiers.commit_id
    from commit_specifiers
),

-- What a recurring commit may pay for, each of its grants may.
final as (
    select
        commits.commit_id as scope_id,
        commits.applicable_product_ids,
        commits.applicable_product_tags,
        specified.commit_id is not null as has_specifiers
    from commits
    left join specified on commits.commit_id = specified.commit_id
    union all
    select
        recurring_commits.recurring_commit_id as scope_id,
        recurring_commits.applicable_product_ids,
        recurring_commits.applicable_product_tags,
        false as has_specifiers
    from recurring_commits
)

select * from final
