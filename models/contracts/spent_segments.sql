{{ config(materialized='view') }}

with segment_terms as (
    select * from {{ ref('segment_terms') }}
),

segment_adjustments as (
    select * from {{ ref('segment_adjustments') }}
),

ledger_draws as (
    select * from {{ ref('stg_ledger_draws') }}
),

drawn as (
    select
        ledger_draws.commit_id,
        ledger_draws.segment_starting_at,
        sum(ledger_draws.amount) as amount
    from ledger_draws
    group by ledger_draws.commit_id, ledger_draws.segment_starting_at
),

rolled as (
    select
        segment_terms.rolled_from as commit_id,
        segment_terms.renewed_at,
        sum(drawn.amount) as amount
    from segment_terms
    inner join drawn on segment_terms.commit_id = drawn.commit_id
    where segment_terms.rolled_from is not null
    group by segment_terms.rolled_from, segment_terms.renewed_at
),

-- What was drawn on a rollover is gone from the segments that rolled over, from the first as far as
-- it goes.
roomed as (
    select
        segment_terms.commit_id,
        segment_terms.segment_starting_at,
        coalesce(drawn.amount, 0) as drawn_amount,
        coalesce(rolled.amount, 0) as rolled_amount,
        greatest(
            segment_terms.amount
            + coalesce(segment_adjustments.amount, 0)
            - coalesce(drawn.amount, 0),
            0
        ) as room
    from segment_terms
    left join segment_adjustments
        on segment_terms.commit_id = segment_adjustments.commit_id
        and segment_terms.segment_starting_at = segment_adjustments.segment_starting_at
    left join drawn
        on segment_terms.commit_id = drawn.commit_id
        and segment_terms.segment_starting_at = drawn.segment_starting_at
    left join rolled
        on segment_terms.commit_id = rolled.commit_id
        and segment_terms.ending_before = rolled.renewed_at
    where drawn.commit_id is not null or rolled.commit_id is not null
),

-- Where an adjustment took what was spent, the last one bears it.
final as (
    select
        roomed.commit_id,
        roomed.segment_starting_at,
        roomed.drawn_amount,
        greatest(
            least(
                roomed.rolled_amount - coalesce(sum(roomed.room) over earlier, 0),
                case when row_number() over later > 1 then roomed.room else roomed.rolled_amount end
            ),
            0
        ) as rolled_amount
    from roomed
    window
        earlier as (
            partition by roomed.commit_id, roomed.rolled_amount > 0
            order by roomed.segment_starting_at
            rows between unbounded preceding and 1 preceding
        ),
        later as (
            partition by roomed.commit_id, roomed.rolled_amount > 0
            order by roomed.segment_starting_at desc
        )
)

select * from final
