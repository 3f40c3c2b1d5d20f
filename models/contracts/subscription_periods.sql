with subscriptions as (
    select * from {{ ref('stg_subscriptions') }}
),

run as (
    select * from {{ ref('stg_run') }}
),

-- A charge is shown as far ahead as scheduled invoices are; an hour more holds the last instant.
bounded as (
    select
        subscriptions.*,
        least(
            coalesce(subscriptions.ending_before, timestamp '9999-01-01'),
            {{ bursar.add_hours(
                bursar.add_days('run.as_of', var('scheduled_horizon_days', 365)), 1
            ) }}
        ) as listed_before
    from subscriptions
    cross join run
),

cut as (
    {{ bursar.anchored_periods('bounded') }}
),

final as (
    select
        cut.subscription_id,
        cut.contract_id,
        cut.rate_card_id,
        cut.product_id,
        cut.billing_frequency,
        cut.collection,
        cut.period_start,
        cut.period_end,
        cut.calendar_start,
        cut.calendar_end
    from cut
)

select * from final
