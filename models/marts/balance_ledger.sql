with segment_states as (
    select * from {{ ref('segment_states') }}
),

entries as (
    select * from {{ ref('segment_entries') }}
),

segment_rollovers as (
    select * from {{ ref('segment_rollovers') }}
),

invoice_draws as (
    select * from {{ ref('segment_invoice_draws') }}
),

-- What depends on drafts changes with them; what rolled over, with the drafts of where it was left.
drafted as (
    select distinct invoice_draws.segment_number
    from invoice_draws
    where invoice_draws.is_draft
),

rolled_from_drafts as (
    select distinct segment_rollovers.rollover_number
    from segment_rollovers
    inner join drafted on segment_rollovers.segment_number = drafted.segment_number
),

final as (
    select
        concat_ws(
            ':',
            segment_states.commit_id,
            {{ bursar.instant_in_id('segment_states.segment_starting_at') }},
            entries.entry_type,
            entries.detail
        ) as entry_id,
        segment_states.commit_id,
        segment_states.segment_starting_at,
        entries.entry_type,
        entries.entry_at,
        cast(entries.amount as decimal(38, 12)) as amount,
        cast(
            sum(entries.amount) over (
                partition by entries.segment_number
                order by entries.entry_at, entries.entry_order, entries.detail
                rows between unbounded preceding and current row
            ) as decimal(38, 12)
        ) as running_balance,
        entries.invoice_id,
        case entries.entry_type
            when 'segment_start' then false
            when 'adjustment' then false
            when 'invoice_deduction' then entries.is_draft
            when 'rollover_in' then rolled_from_drafts.rollover_number is not null
            else drafted.segment_number is not null
        end as is_provisional,
        entries.reason
    from entries
    inner join segment_states on entries.segment_number = segment_states.segment_number
    left join drafted on entries.segment_number = drafted.segment_number
    left join rolled_from_drafts on entries.segment_number = rolled_from_drafts.rollover_number
)

select * from final
order by commit_id, segment_starting_at, entry_at, entry_id
