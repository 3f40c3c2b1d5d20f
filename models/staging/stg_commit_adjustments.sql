with commit_adjustments as (
    select * from {{ bursar.catalog_relation('commit_adjustments') }}
),

final as (
    select
        commit_adjustments.adjustment_id,
        commit_adjustments.commit_id,
        {{ bursar.parse_time('commit_adjustments.segment_starting_at') }} as segment_starting_at,
        {{ bursar.parse_time('commit_adjustments.adjusted_at') }} as adjusted_at,
        cast(commit_adjustments.amount as decimal(38, 12)) as amount,
        commit_adjustments.reason
    from commit_adjustments
)

select * from final
