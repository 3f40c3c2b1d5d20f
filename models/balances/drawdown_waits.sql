with balance_matches as (
    select * from {{ ref('balance_matches') }}
),

balance_segments as (
    select * from {{ ref('balance_segments') }}
),

nodes as (
    select distinct
        balance_matches.segment_number,
        balance_matches.is_as_if,
        balance_matches.pass_number
    from balance_matches
),

-- Of two segments that may pay for one charge, the later one waits for the earlier. Neighbours say
-- it all: the rest follows from them.
neighbours as (
    select
        balance_matches.is_as_if,
        balance_matches.pass_number,
        balance_matches.segment_number,
        lag(balance_matches.segment_number) over (
            partition by balance_matches.charge_number
            order by balance_matches.segment_number
        ) as earlier_segment_number
    from balance_matches
),

-- A segment waits for its own draws of the pass before, too, and a rollover for those of what it
-- was rolled over from. What finalized invoices would be
-- today comes after all that is open.
final as (
    select distinct
        neighbours.segment_number,
        neighbours.is_as_if,
        neighbours.pass_number,
        neighbours.earlier_segment_number,
        neighbours.is_as_if as earlier_is_as_if,
        neighbours.pass_number as earlier_pass_number
    from neighbours
    where neighbours.earlier_segment_number is not null
    union all
    select
        later.segment_number,
        later.is_as_if,
        later.pass_number,
        earlier.segment_number as earlier_segment_number,
        earlier.is_as_if as earlier_is_as_if,
        earlier.pass_number as earlier_pass_number
    from nodes as later
    inner join nodes as earlier
        on later.segment_number = earlier.segment_number
        and (later.is_as_if or later.pass_number > earlier.pass_number)
    where not earlier.is_as_if
    union all
    select
        later.segment_number,
        later.is_as_if,
        later.pass_number,
        earlier.segment_number as earlier_segment_number,
        earlier.is_as_if as earlier_is_as_if,
        earlier.pass_number as earlier_pass_number
    from nodes as later
    inner join balance_segments as rollovers
        on later.segment_number = rollovers.segment_number
    inner join balance_segments as sources on rollovers.rolled_from = sources.commit_id
    inner join nodes as earlier
        on sources.segment_number = earlier.segment_number
    where not earlier.is_as_if
)

select * from final
