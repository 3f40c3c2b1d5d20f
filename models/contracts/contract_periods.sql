with contracts as (
    select * from {{ ref('stg_contracts') }}
),

run as (
    select * from {{ ref('stg_run') }}
),

-- Open contracts have periods without end; they are listed as far ahead as scheduled invoices are.
bounded as (
    select
        contracts.*,
        run.as_of,
        least(
            coalesce(contracts.ending_before, timestamp '9999-01-01'),
            {{ bursar.add_days('run.as_of', var('scheduled_horizon_days', 365)) }}
        ) as listed_before
    from contracts
    cross join run
),

-- The estimate of steps is right to within two on either side; what it takes too many falls out
-- below.
stepped as (
    select
        bounded.*,
        {{ bursar.explode_range(
            bursar.billing_steps_between(
                'bounded.anchor_at', 'bounded.starting_at', 'bounded.billing_frequency'
            ) ~ ' - 2',
            bursar.billing_steps_between(
                'bounded.anchor_at', 'bounded.listed_before', 'bounded.billing_frequency'
            ) ~ ' + 2'
        ) }} as step
    from bounded
    where bounded.starting_at < bounded.listed_before
),

uncut as (
    select
        stepped.*,
        {{ bursar.add_billing_steps(
            'stepped.anchor_at', 'stepped.step', 'stepped.billing_frequency'
        ) }} as calendar_start,
        {{ bursar.add_billing_steps(
            'stepped.anchor_at', '(stepped.step + 1)', 'stepped.billing_frequency'
        ) }} as calendar_end
    from stepped
),

cut as (
    select
        uncut.*,
        greatest(uncut.calendar_start, uncut.starting_at) as period_start,
        least(uncut.calendar_end, coalesce(uncut.ending_before, uncut.calendar_end)) as period_end
    from uncut
    where uncut.calendar_start < uncut.listed_before
),

final as (
    select
        cut.contract_id,
        cut.customer_id,
        cut.rate_card_id,
        cut.currency,
        cut.period_start,
        cut.period_end,
        cut.calendar_start,
        cut.calendar_end,
        {{ bursar.add_hours('cut.period_end', var('grace_period_hours', 24)) }} as issued_at,
        cut.period_start <> cut.calendar_start or cut.period_end <> cut.calendar_end as is_stub,
        cut.period_start <= cut.as_of as has_begun,
        coalesce(cut.period_end > cut.usage_invoices_from, true) as is_invoiced
    from cut
    where cut.period_start < cut.period_end
)

select * from final
