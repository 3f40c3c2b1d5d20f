{{ config(materialized='view') }}

with balance_commits as (
    select * from {{ ref('balance_commits') }}
),

commit_segments as (
    select * from {{ ref('stg_commit_segments') }}
),

recurring_grants as (
    select * from {{ ref('recurring_grants') }}
),

contracts as (
    select * from {{ ref('stg_contracts') }}
),

-- A rollover may be used for all of the new contract's term. Its amount depends on what was drawn.
scheduled as (
    select
        commit_segments.commit_id,
        commit_segments.starting_at,
        commit_segments.ending_before,
        commit_segments.amount
    from commit_segments
    union all
    select
        recurring_grants.commit_id,
        recurring_grants.starting_at,
        recurring_grants.ending_before,
        recurring_grants.amount
    from recurring_grants
    union all
    select
        balance_commits.commit_id,
        contracts.starting_at,
        contracts.ending_before,
        null as amount
    from balance_commits
    inner join contracts on balance_commits.contract_id = contracts.contract_id
    where balance_commits.rolled_from is not null
),

final as (
    select
        balance_commits.*,
        scheduled.starting_at as segment_starting_at,
        greatest(scheduled.starting_at, contracts.starting_at) as starting_at,
        least(scheduled.ending_before, contracts.ending_before) as ending_before,
        scheduled.amount
    from scheduled
    inner join balance_commits on scheduled.commit_id = balance_commits.commit_id
    -- A customer's commit has no contract's term.
    left join contracts on balance_commits.contract_id = contracts.contract_id
)

select * from final
