{{ config(materialized='view') }}

with segment_states as (
    select * from {{ ref('segment_states') }}
),

adjustments as (
    select * from {{ ref('adjustment_entries') }}
),

invoice_draws as (
    select * from {{ ref('segment_invoice_draws') }}
),

final as (
    select
        segment_states.segment_number,
        case
            when segment_states.rolled_from is null then 'segment_start' else 'rollover_in'
        end as entry_type,
        1 as entry_order,
        segment_states.starting_at as entry_at,
        segment_states.amount,
        cast(null as varchar) as invoice_id,
        cast(null as boolean) as is_draft,
        cast(null as varchar) as detail,
        case
            when segment_states.rolled_from is not null
                then 'What ' || segment_states.rolled_from || ' left'
        end as reason
    from segment_states
    union all
    select
        adjustments.segment_number,
        'adjustment' as entry_type,
        2 as entry_order,
        greatest(adjustments.adjusted_at, segment_states.starting_at) as entry_at,
        adjustments.amount,
        null as invoice_id,
        null as is_draft,
        adjustments.adjustment_id as detail,
        adjustments.reason
    from adjustments
    inner join segment_states on adjustments.segment_number = segment_states.segment_number
    union all
    select
        invoice_draws.segment_number,
        'invoice_deduction' as entry_type,
        3 as entry_order,
        greatest(
            least(invoice_draws.period_end, segment_states.ending_before),
            segment_states.starting_at
        ) as entry_at,
        -invoice_draws.amount as amount,
        invoice_draws.invoice_id,
        invoice_draws.is_draft,
        invoice_draws.invoice_id as detail,
        null as reason
    from invoice_draws
    inner join segment_states on invoice_draws.segment_number = segment_states.segment_number
    union all
    select
        segment_states.segment_number,
        'true_up' as entry_type,
        4 as entry_order,
        segment_states.closes_at as entry_at,
        -segment_states.trued_up as amount,
        null as invoice_id,
        null as is_draft,
        null as detail,
        null as reason
    from segment_states
    where segment_states.trued_up > 0
    union all
    select
        segment_states.segment_number,
        'rollover_out' as entry_type,
        5 as entry_order,
        segment_states.ending_before as entry_at,
        -segment_states.rolled_over as amount,
        null as invoice_id,
        null as is_draft,
        null as detail,
        null as reason
    from segment_states
    where segment_states.rolled_over > 0
    union all
    select
        segment_states.segment_number,
        'expiration' as entry_type,
        6 as entry_order,
        segment_states.closes_at as entry_at,
        -segment_states.expired as amount,
        null as invoice_id,
        null as is_draft,
        null as detail,
        null as reason
    from segment_states
    where segment_states.expired > 0
)

select * from final
