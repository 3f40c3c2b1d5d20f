{{ config(materialized='view') }}

with commit_adjustments as (
    select * from {{ ref('stg_commit_adjustments') }}
),

run as (
    select * from {{ ref('stg_run') }}
),

-- An adjustment acts on its segment as a whole once its date has come.
final as (
    select
        commit_adjustments.commit_id,
        commit_adjustments.segment_starting_at,
        sum(commit_adjustments.amount) as amount
    from commit_adjustments
    cross join run
    where commit_adjustments.adjusted_at <= run.as_of
    group by commit_adjustments.commit_id, commit_adjustments.segment_starting_at
)

select * from final
