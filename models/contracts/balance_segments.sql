with segment_terms as (
    select * from {{ ref('segment_terms') }}
),

scope_widths as (
    select * from {{ ref('scope_widths') }}
),

segment_adjustments as (
    select * from {{ ref('segment_adjustments') }}
),

spent_segments as (
    select * from {{ ref('spent_segments') }}
),

-- What finalized invoices have drawn cannot be taken back.
floored as (
    select
        segment_terms.*,
        coalesce(spent_segments.rolled_amount, 0) as spent_after_rollover,
        -greatest(
            segment_terms.amount
            - coalesce(spent_segments.drawn_amount, 0)
            - coalesce(spent_segments.rolled_amount, 0),
            0
        ) as adjusted_at_least
    from segment_terms
    -- Most segments have not been finally drawn on.
    left join spent_segments
        on segment_terms.commit_id = spent_segments.commit_id
        and segment_terms.segment_starting_at = spent_segments.segment_starting_at
),

sized as (
    select
        floored.*,
        cast(
            greatest(coalesce(segment_adjustments.amount, 0), floored.adjusted_at_least)
            as decimal(38, 12)
        ) as adjusted,
        scope_widths.product_count,
        scope_widths.group_specifier_count,
        case
            when floored.contract_id is not null then 1
            when len(floored.applicable_contract_ids) > 0
                then len(floored.applicable_contract_ids)
        end as contract_count
    from floored
    inner join scope_widths on floored.scope_id = scope_widths.scope_id
    -- Few segments are adjusted.
    left join segment_adjustments
        on floored.commit_id = segment_adjustments.commit_id
        and floored.segment_starting_at = segment_adjustments.segment_starting_at
    where coalesce(floored.starting_at < floored.ending_before, true)
),

final as (
    select
        sized.*,
        sized.amount + sized.adjusted as size,
        row_number() over (
            order by
                sized.customer_id,
                {{ bursar.segment_order('sized') }}
        ) as segment_number
    from sized
)

select * from final
