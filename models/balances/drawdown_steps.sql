with recursive balance_matches as (
    select * from {{ ref('balance_matches') }}
),

waits as (
    select * from {{ ref('drawdown_waits') }}
),

nodes as (
    select distinct
        balance_matches.segment_number,
        balance_matches.is_as_if,
        balance_matches.pass_number
    from balance_matches
),

waited as (
    select
        nodes.segment_number,
        nodes.is_as_if,
        nodes.pass_number,
        1 as step
    from nodes
    union
    select
        waits.segment_number,
        waits.is_as_if,
        waits.pass_number,
        waited.step + 1 as step
    from waited
    inner join waits
        on waited.segment_number = waits.earlier_segment_number
        and waited.is_as_if = waits.earlier_is_as_if
        and waited.pass_number = waits.earlier_pass_number
),

-- Segments draw at once, over all customers, as soon as none has to wait for another.
final as (
    select
        waited.segment_number,
        waited.is_as_if,
        waited.pass_number,
        max(waited.step) as step
    from waited
    group by waited.segment_number, waited.is_as_if, waited.pass_number
)

select * from final
