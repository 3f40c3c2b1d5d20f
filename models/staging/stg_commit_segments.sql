with commit_segments as (
    select * from {{ bursar.catalog_relation('commit_segments') }}
),

final as (
    select
        commit_segments.commit_id,
        {{ bursar.parse_time('commit_segments.starting_at') }} as starting_at,
        {{ bursar.parse_time('commit_segments.ending_before') }} as ending_before,
        cast(commit_segments.amount as decimal(38, 12)) as amount
    from commit_segments
)

select * from final
