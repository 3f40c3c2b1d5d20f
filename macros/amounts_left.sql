{#-
    What segments have left before a step of the drawdown, as a query: their size, or of a rollover
    what the old contract left, up to its share, less what they have drawn, on finalized invoices,
    too, and less what finalized invoices drew after it had rolled over. For a finalized
    invoice made anew, less what other finalized invoices drew, and drafts that come before it.
    `spoken_for` is what of that was still there when its turn came.

    Args:
        steps: The relation of the segments and passes asked for.
        draws: The relation of all draws so far.
-#}
{% macro amounts_left(steps, draws) %}
with balance_segments as (
    select * from {{ ref('balance_segments') }}
),

finalized_draws as (
    select * from {{ ref('finalized_draws') }}
),

balance_charges as (
    select * from {{ ref('balance_charges') }}
),

as_if_steps as (
    select
        steps.segment_number,
        steps.pass_number,
        as_if_passes.standing_invoice_id,
        as_if_passes.invoice_order
    from {{ steps }} as steps
    inner join {{ ref('as_if_passes') }} as as_if_passes
        on steps.pass_number = as_if_passes.pass_number
    where steps.is_as_if
),

drawn as (
    select
        every_draw.segment_number,
        sum(every_draw.amount) as amount
    from (
        select
            draws.segment_number,
            draws.amount
        from {{ draws }} as draws
        where not draws.is_as_if
        union all
        select
            finalized_draws.segment_number,
            finalized_draws.amount
        from finalized_draws
    ) as every_draw
    group by every_draw.segment_number
),

drawn_by_others as (
    select
        others.segment_number,
        others.pass_number,
        sum(others.amount) as amount,
        sum(others.amount) filter (where others.is_later) as later_amount
    from (
        select
            as_if_steps.segment_number,
            as_if_steps.pass_number,
            finalized_draws.amount,
            finalized_draws.invoice_order > as_if_steps.invoice_order as is_later
        from as_if_steps
        inner join finalized_draws
            on as_if_steps.segment_number = finalized_draws.segment_number
            and as_if_steps.standing_invoice_id <> finalized_draws.about_invoice_id
        union all
        select
            as_if_steps.segment_number,
            as_if_steps.pass_number,
            draws.amount,
            false as is_later
        from as_if_steps
        inner join {{ draws }} as draws on as_if_steps.segment_number = draws.segment_number
        inner join balance_charges on draws.charge_number = balance_charges.charge_number
        where
            not draws.is_as_if
            and {{ bursar.invoice_order('balance_charges') }} < as_if_steps.invoice_order
    ) as others
    group by others.segment_number, others.pass_number
),

-- What the old contract left of the commits that a rollover carries over.
rolled as (
    select
        rollovers.segment_number,
        sum(sources.size - coalesce(drawn.amount, 0)) as amount
    from balance_segments as rollovers
    inner join balance_segments as sources
        on rollovers.rolled_from = sources.commit_id
        and rollovers.renewed_at = sources.ending_before
    left join drawn on sources.segment_number = drawn.segment_number
    where rollovers.segment_number in (select steps.segment_number from {{ steps }} as steps)
    group by rollovers.segment_number
),

final as (
    select
        steps.segment_number,
        steps.is_as_if,
        steps.pass_number,
        coalesce(
            balance_segments.size - balance_segments.spent_after_rollover,
            least(
                coalesce(rolled.amount, 0),
                {{ bursar.multiply(
                    'balance_segments.access_amount', 'balance_segments.rollover_fraction'
                ) }}
            )
        )
        - coalesce(
            case when steps.is_as_if then drawn_by_others.amount else drawn.amount end, 0
        ) as amount,
        balance_segments.spent_after_rollover
        + coalesce(drawn_by_others.later_amount, 0) as spoken_for
    from {{ steps }} as steps
    inner join balance_segments
        on steps.segment_number = balance_segments.segment_number
    left join rolled on steps.segment_number = rolled.segment_number
    left join drawn on steps.segment_number = drawn.segment_number
    left join drawn_by_others
        on steps.segment_number = drawn_by_others.segment_number
        and steps.pass_number = drawn_by_others.pass_number
        and steps.is_as_if
)

select * from final
{% endmacro %}
