{{ config(materialized='view') }}

with balance_segments as (
    select * from {{ ref('balance_segments') }}
),

balance_draws as (
    select * from {{ ref('balance_draws') }}
    where not is_as_if
),

finalized_draws as (
    select * from {{ ref('finalized_draws') }}
),

rolled as (
    select * from {{ ref('segment_rollovers') }}
),

commit_invoices as (
    select * from {{ ref('stg_commit_invoices') }}
),

finally_drawn as (
    select
        finalized_draws.segment_number,
        sum(finalized_draws.amount) as amount
    from finalized_draws
    group by finalized_draws.segment_number
),

drawn as (
    select
        balance_draws.segment_number,
        sum(balance_draws.amount) as amount
    from balance_draws
    group by balance_draws.segment_number
),

rolled_in as (
    select
        rolled.rollover_number,
        sum(rolled.amount) as amount
    from rolled
    group by rolled.rollover_number
),

final as (
    select
        balance_segments.*,
        coalesce(balance_segments.amount, rolled_in.amount, 0) as opening_amount,
        coalesce(drawn.amount, 0) as drawn_amount,
        coalesce(finally_drawn.amount, 0) as finally_drawn_amount,
        coalesce(rolled.amount, 0) as rolled_amount,
        case
            when balance_segments.commit_type = 'postpaid' then commit_invoices.invoice_at
            else balance_segments.ending_before
        end as closes_at,
        balance_segments.commit_type = 'postpaid'
        and not commit_invoices.do_not_invoice as is_trued_up
    from balance_segments
    left join drawn on balance_segments.segment_number = drawn.segment_number
    left join finally_drawn on balance_segments.segment_number = finally_drawn.segment_number
    left join rolled on balance_segments.segment_number = rolled.segment_number
    left join rolled_in on balance_segments.segment_number = rolled_in.rollover_number
    -- Postpaid: the one row that says when the rest is due.
    left join commit_invoices
        on balance_segments.commit_id = commit_invoices.commit_id
        and balance_segments.commit_type = 'postpaid'
)

select * from final
