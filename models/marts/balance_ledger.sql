with segment_states as (
    select * from {{ ref('segment_states') }}
),

entries as (
    select * from {{ ref('segment_entries') }}
),

invoice_draws as (
    select * from {{ ref('segment_invoice_draws') }}
),

-- What depends on drafts changes with them.
drafted as (
    select distinct invoice_draws.segment_number
    from invoice_draws
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
        drafted.segment_number is not null
        and entries.entry_type not in ('segment_start', 'adjustment') as is_provisional,
        entries.reason
    from entries
    inner join segment_states on entries.segment_number = segment_states.segment_number
    left join drafted on entries.segment_number = drafted.segment_number
)

select * from final
order by commit_id, segment_starting_at, entry_at, entry_id
