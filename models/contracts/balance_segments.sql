with segment_terms as (
    select * from {{ ref('segment_terms') }}
),

scope_widths as (
    select * from {{ ref('scope_widths') }}
),

commit_adjustments as (
    select * from {{ ref('stg_commit_adjustments') }}
),

run as (
    select * from {{ ref('stg_run') }}
),

-- An adjustment acts on its segment as a whole once its date has come.
adjustments as (
    select
        commit_adjustments.commit_id,
        commit_adjustments.segment_starting_at,
        sum(commit_adjustments.amount) as amount
    from commit_adjustments
    cross join run
    where commit_adjustments.adjusted_at <= run.as_of
    group by commit_adjustments.commit_id, commit_adjustments.segment_starting_at
),

sized as (
    select
        segment_terms.*,
        cast(greatest(coalesce(adjustments.amount, 0), -segment_terms.amount) as decimal(38, 12))
            as adjusted,
        scope_widths.product_count,
        scope_widths.group_specifier_count,
        case
            when segment_terms.contract_id is not null then 1
            when len(segment_terms.applicable_contract_ids) > 0
                then len(segment_terms.applicable_contract_ids)
        end as contract_count
    from segment_terms
    inner join scope_widths on segment_terms.scope_id = scope_widths.scope_id
    left join adjustments
        on segment_terms.commit_id = adjustments.commit_id
        and segment_terms.segment_starting_at = adjustments.segment_starting_at
    where coalesce(segment_terms.starting_at < segment_terms.ending_before, true)
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
