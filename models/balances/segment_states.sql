with balance_segments as (
    select * from {{ ref('balance_segments') }}
),

balance_draws as (
    select * from {{ ref('balance_draws') }}
),

rolled as (
    select * from {{ ref('segment_rollovers') }}
),

commit_invoices as (
    select * from {{ ref('stg_commit_invoices') }}
),

run as (
    select * from {{ ref('stg_run') }}
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

opened as (
    select
        balance_segments.*,
        coalesce(balance_segments.amount, rolled_in.amount, 0) as opening_amount,
        coalesce(drawn.amount, 0) as drawn_amount,
        coalesce(rolled.amount, 0) as rolled_amount,
        case
            when balance_segments.commit_type = 'postpaid' then commit_invoices.invoice_at
            else balance_segments.ending_before
        end as closes_at,
        balance_segments.commit_type = 'postpaid'
        and not commit_invoices.do_not_invoice as is_trued_up
    from balance_segments
    left join drawn on balance_segments.segment_number = drawn.segment_number
    left join rolled on balance_segments.segment_number = rolled.segment_number
    left join rolled_in on balance_segments.segment_number = rolled_in.rollover_number
    -- Postpaid: the one row that says when the rest is due.
    left join commit_invoices
        on balance_segments.commit_id = commit_invoices.commit_id
        and balance_segments.commit_type = 'postpaid'
),

settled as (
    select
        opened.*,
        opened.opening_amount
        + opened.adjusted
        - opened.drawn_amount
        - opened.rolled_amount as left_amount,
        coalesce(opened.closes_at <= run.as_of, false) as is_closed
    from opened
    cross join run
    -- A rollover of nothing is none.
    where opened.rolled_from is null or opened.opening_amount > 0
),

final as (
    select
        settled.segment_number,
        settled.commit_id,
        settled.commit_name,
        settled.commit_type,
        settled.customer_id,
        settled.contract_id,
        settled.product_id,
        settled.invoice_contract_id,
        settled.pricing_unit,
        settled.priority,
        settled.rolled_from,
        settled.renewed_at,
        settled.segment_starting_at,
        settled.starting_at,
        settled.ending_before,
        settled.closes_at,
        settled.is_trued_up,
        settled.cost_basis,
        cast(settled.opening_amount as decimal(38, 12)) as amount,
        settled.adjusted,
        cast(settled.drawn_amount as decimal(38, 12)) as drawn,
        cast(settled.rolled_amount as decimal(38, 12)) as rolled_over,
        cast(settled.left_amount as decimal(38, 12)) as left_amount,
        case
            when settled.is_closed and not settled.is_trued_up
                then cast(settled.left_amount as decimal(38, 12))
            else 0
        end as expired,
        case
            when settled.is_closed and settled.is_trued_up
                then cast(settled.left_amount as decimal(38, 12))
            else 0
        end as trued_up
    from settled
)

select * from final
