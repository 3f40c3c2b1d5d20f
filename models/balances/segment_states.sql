with opened as (
    select * from {{ ref('segment_openings') }}
),

run as (
    select * from {{ ref('stg_run') }}
),

settled as (
    select
        opened.*,
        opened.opening_amount
        + opened.adjusted
        - opened.finally_drawn_amount
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
        settled.adjusted_at_least,
        cast(settled.finally_drawn_amount as decimal(38, 12)) as drawn,
        cast(settled.drawn_amount as decimal(38, 12)) as drawn_provisional,
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
