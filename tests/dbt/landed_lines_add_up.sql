-- Every line read is accepted, a duplicate or rejected; the last two are listed, one row a line.
with run as (
    select * from {{ ref('stg_run') }}
),

listed as (
    select
        (select count(*) from {{ ref('rejected_events') }}) as rejected,
        (
            select count(distinct row(batch_id, source_file, line_number))
            from {{ ref('rejected_events') }}
        )
            as rejected_lines,
        (select count(*) from {{ ref('duplicate_events') }}) as duplicates,
        (
            select count(distinct row(batch_id, source_file, line_number))
            from {{ ref('duplicate_events') }}
        )
            as duplicate_lines
),

final as (
    select
        run.*,
        listed.*
    from run
    cross join listed
    where
        run.events_read is distinct from run.events_accepted
        + run.events_duplicate
        + run.events_rejected
        or listed.rejected is distinct from run.events_rejected
        or listed.rejected_lines is distinct from run.events_rejected
        or listed.duplicates is distinct from run.events_duplicate
        or listed.duplicate_lines is distinct from run.events_duplicate
)

select * from final
