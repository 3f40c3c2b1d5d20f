{#-
    What segments have left before a step of the drawdown, as a query: their size, or of a rollover
    what the old contract left, up to its share, less what they have drawn, on finalized invoices,
    too; as if nothing had been finalized, without those.

    Args:
        steps: The relation of the segments and passes asked for.
        draws: The relation of all draws so far.
-#}
{% macro amounts_left(steps, draws) %}
with balance_segments as (
    select * from {{ ref('balance_segments') }}
),

drawn as (
    select
        every_draw.segment_number,
        every_draw.is_as_if,
        sum(every_draw.amount) as amount
    from (
        select
            draws.segment_number,
            draws.is_as_if,
            draws.amount
        from {{ draws }} as draws
        union all
        select
            finalized_draws.segment_number,
            false as is_as_if,
            finalized_draws.amount
        from {{ ref('finalized_draws') }} as finalized_draws
    ) as every_draw
    group by every_draw.segment_number, every_draw.is_as_if
),

-- What the old contract left of the commits that a rollover carries over.
rolled as (
    select
        rollovers.segment_number,
        steps.is_as_if,
        sum(sources.size - coalesce(drawn.amount, 0)) as amount
    from {{ steps }} as steps
    inner join balance_segments as rollovers
        on steps.segment_number = rollovers.segment_number
    inner join balance_segments as sources
        on rollovers.rolled_from = sources.commit_id
        and rollovers.renewed_at = sources.ending_before
    left join drawn
        on sources.segment_number = drawn.segment_number
        and steps.is_as_if = drawn.is_as_if
    group by rollovers.segment_number, steps.is_as_if
),

final as (
    select
        steps.segment_number,
        steps.is_as_if,
        steps.pass_number,
        coalesce(
            balance_segments.size,
            least(
                coalesce(rolled.amount, 0),
                {{ bursar.multiply(
                    'balance_segments.access_amount', 'balance_segments.rollover_fraction'
                ) }}
            )
        ) - coalesce(drawn.amount, 0) as amount
    from {{ steps }} as steps
    inner join balance_segments
        on steps.segment_number = balance_segments.segment_number
    left join rolled
        on steps.segment_number = rolled.segment_number
        and steps.is_as_if = rolled.is_as_if
    left join drawn
        on steps.segment_number = drawn.segment_number
        and steps.is_as_if = drawn.is_as_if
)

select * from final
{% endmacro %}
