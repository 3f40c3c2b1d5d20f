with recurring_commits as (
    select * from {{ ref('stg_recurring_commits') }}
),

run as (
    select * from {{ ref('stg_run') }}
),

-- Grants are listed as far ahead as scheduled invoices are; an hour more holds the last instant.
bounded as (
    select
        recurring_commits.*,
        {{ bursar.add_days('run.as_of', var('scheduled_horizon_days', 365)) }} as horizon,
        least(
            coalesce(recurring_commits.ending_before, timestamp '9999-01-01'),
            {{ bursar.add_hours(
                bursar.add_days('run.as_of', var('scheduled_horizon_days', 365)), 1
            ) }}
        ) as listed_before
    from recurring_commits
    cross join run
),

cut as (
    {{ bursar.anchored_periods('bounded') }}
),

-- The end of grants cuts the last period's amount, and not how long it stays usable: that follows
-- the uncut calendar, within the contract's term.
covered as (
    select
        cut.*,
        least(
            {{ bursar.add_billing_steps(
                'cut.anchor_at', '(cut.step + cut.duration_periods)', 'cut.billing_frequency'
            ) }},
            cut.term_ending_before
        ) as usable_until,
        (
            cut.period_start > cut.calendar_start
            and cut.proration in ('first', 'first_and_last')
        )
        or (
            cut.period_end < cut.calendar_end
            and cut.proration in ('last', 'first_and_last')
        ) as is_prorated,
        {{ bursar.hours_between('cut.period_start', 'cut.period_end') }} as hours_covered,
        {{ bursar.hours_between('cut.calendar_start', 'cut.calendar_end') }} as hours_whole
    from cut
    where cut.period_start <= cut.horizon
),

parted as (
    select
        covered.*,
        {{ bursar.multiply('covered.hours_covered', 'covered.access_amount') }} as access_hours,
        {{ bursar.multiply('covered.hours_covered', 'covered.invoice_amount') }} as invoice_hours
    from covered
),

prorated as (
    select
        parted.*,
        {{ bursar.divide('parted.access_hours', 'parted.hours_whole') }} as access_part,
        {{ bursar.divide('parted.invoice_hours', 'parted.hours_whole') }} as invoice_part
    from parted
),

final as (
    select
        prorated.recurring_commit_id,
        prorated.recurring_commit_id
        || ':'
        || {{ bursar.instant_in_id('prorated.period_start') }} as commit_id,
        prorated.period_start as starting_at,
        prorated.usable_until as ending_before,
        prorated.is_prorated,
        case
            when not prorated.is_prorated then prorated.access_amount
            when prorated.proration_rounding_method is null then prorated.access_part
            else {{ bursar.round_to_places(
                'prorated.access_part',
                'prorated.proration_decimal_places',
                'prorated.proration_rounding_method'
            ) }}
        end as amount,
        case
            when not prorated.is_prorated then prorated.invoice_amount
            when prorated.proration_rounding_method is null then prorated.invoice_part
            else {{ bursar.round_to_places(
                'prorated.invoice_part',
                'prorated.proration_decimal_places',
                'prorated.proration_rounding_method'
            ) }}
        end as invoice_amount
    from prorated
)

select * from final
