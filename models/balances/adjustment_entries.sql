{{ config(materialized='view') }}

with segment_states as (
    select * from {{ ref('segment_states') }}
),

commit_adjustments as (
    select * from {{ ref('stg_commit_adjustments') }}
),

run as (
    select * from {{ ref('stg_run') }}
),

summed as (
    select
        segment_states.segment_number,
        segment_states.amount,
        segment_states.adjusted_at_least,
        commit_adjustments.adjustment_id,
        commit_adjustments.adjusted_at,
        commit_adjustments.reason,
        sum(commit_adjustments.amount) over (
            partition by segment_states.segment_number
            order by commit_adjustments.adjusted_at, commit_adjustments.adjustment_id
        ) as wanted_so_far,
        sum(commit_adjustments.amount) over (
            partition by segment_states.segment_number
        ) as wanted
    from commit_adjustments
    inner join segment_states
        on commit_adjustments.commit_id = segment_states.commit_id
        and commit_adjustments.segment_starting_at = segment_states.segment_starting_at
    cross join run
    where commit_adjustments.adjusted_at <= run.as_of
),

-- A segment is never adjusted below 0, and together they do not take what finalized invoices have
-- drawn: the last adjustments take what there is.
adjusted as (
    select
        summed.*,
        greatest(
            summed.wanted_so_far,
            case
                when summed.wanted < summed.adjusted_at_least then summed.adjusted_at_least
                else -summed.amount
            end
        ) as adjusted_so_far
    from summed
),

final as (
    select
        adjusted.segment_number,
        adjusted.adjustment_id,
        adjusted.adjusted_at,
        adjusted.reason,
        adjusted.adjusted_so_far - lag(adjusted.adjusted_so_far, 1, 0) over (
            partition by adjusted.segment_number
            order by adjusted.adjusted_at, adjusted.adjustment_id
        ) as amount
    from adjusted
)

select * from final
