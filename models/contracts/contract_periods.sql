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

cut as (
    {{ bursar.anchored_periods('bounded') }}
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
)

select * from final
