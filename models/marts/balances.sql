with segment_states as (
    select * from {{ ref('segment_states') }}
),

final as (
    select
        segment_states.commit_id,
        segment_states.commit_name,
        segment_states.commit_type,
        segment_states.segment_starting_at,
        segment_states.ending_before as segment_ending_before,
        segment_states.customer_id,
        segment_states.contract_id,
        segment_states.pricing_unit,
        segment_states.amount,
        segment_states.adjusted,
        segment_states.drawn,
        segment_states.drawn_provisional,
        segment_states.expired,
        segment_states.rolled_over,
        segment_states.trued_up,
        cast(
            segment_states.left_amount - segment_states.expired - segment_states.trued_up
            as decimal(38, 12)
        ) as balance,
        segment_states.cost_basis,
        segment_states.priority
    from segment_states
)

select * from final
order by customer_id, commit_id, segment_starting_at
