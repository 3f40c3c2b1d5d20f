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

every_draw as (
    select
        balance_draws.segment_number,
        balance_draws.amount
    from balance_draws
    union all
    select
        finalized_draws.segment_number,
        finalized_draws.amount
    from finalized_draws
),

drawn as (
    select
        every_draw.segment_number,
        sum(every_draw.amount) as amount
    from every_draw
    group by every_draw.segment_number
),

-- What a rollover takes, it takes from the segments that end with the old contract, the first one
-- first.
rollover_sources as (
    select
        rollovers.segment_number as rollover_number,
        sources.segment_number,
        sources.size - coalesce(drawn.amount, 0) as left_amount,
        coalesce(sum(sources.size - coalesce(drawn.amount, 0)) over (
            partition by rollovers.segment_number
            order by sources.segment_number
            rows between unbounded preceding and 1 preceding
        ), 0) as left_earlier,
        {{ bursar.multiply('rollovers.access_amount', 'rollovers.rollover_fraction') }} as most
    from balance_segments as rollovers
    inner join balance_segments as sources
        on rollovers.rolled_from = sources.commit_id
        and rollovers.renewed_at = sources.ending_before
    left join drawn on sources.segment_number = drawn.segment_number
),

final as (
    select
        rollover_sources.rollover_number,
        rollover_sources.segment_number,
        least(
            rollover_sources.left_amount,
            greatest(rollover_sources.most - rollover_sources.left_earlier, 0)
        ) as amount
    from rollover_sources
)

select * from final
