with scheduled_charges as (
    select * from {{ ref('stg_scheduled_charges') }}
),

scheduled_charge_items as (
    select * from {{ ref('stg_scheduled_charge_items') }}
),

currencies as (
    select * from {{ ref('stg_currencies') }}
),

run as (
    select * from {{ ref('stg_run') }}
),

-- A recurring charge falls at the starts of a calendar that is anchored at its own start. A divided
-- one is divided among all its dates, however far ahead they are.
recurring as (
    select
        scheduled_charges.*,
        scheduled_charges.starting_at as anchor_at,
        case
            when scheduled_charges.amount_distribution = 'divided'
                then scheduled_charges.ending_before
            else least(
                    coalesce(scheduled_charges.ending_before, timestamp '9999-01-01'),
                    {{ bursar.add_hours(
                        bursar.add_days('run.as_of', var('scheduled_horizon_days', 365)), 1
                    ) }}
                )
        end as listed_before
    from scheduled_charges
    cross join run
    where scheduled_charges.billing_frequency is not null
),

recurred as (
    {{ bursar.anchored_periods('recurring') }}
),

numbered as (
    select
        recurred.*,
        currencies.minor_unit,
        row_number() over (
            partition by recurred.scheduled_charge_id order by recurred.period_start
        ) as part_number,
        count(*) over (partition by recurred.scheduled_charge_id) as part_count
    from recurred
    inner join currencies on recurred.currency = currencies.currency
),

-- What all parts up to this one come to. The division is cut at 12 places, not rounded there: the
-- one rounding is to the minor unit, and a half that was only nearly one stays below it.
divided as (
    select
        numbered.*,
        numbered.amount * numbered.part_number as taken,
        {{ bursar.divide(
            'numbered.amount * numbered.part_number',
            'cast(numbered.part_count as decimal(38, 12))'
        ) }} as quotient
    from numbered
),

cut as (
    select
        divided.*,
        case
            when abs(divided.quotient * divided.part_count) > abs(divided.taken)
                then divided.quotient - sign(divided.taken) * 0.000000000001
            else divided.quotient
        end as share
    from divided
),

shared as (
    select
        cut.*,
        {{ bursar.round_to_places('cut.share', 'cut.minor_unit') }} as rounded_share
    from cut
),

recurring_dates as (
    select
        shared.scheduled_charge_id,
        shared.period_start as charged_at,
        cast(1 as decimal(38, 12)) as quantity,
        case shared.amount_distribution
            when 'divided'
                then shared.rounded_share - lag(shared.rounded_share, 1, 0) over (
                        partition by shared.scheduled_charge_id order by shared.part_number
                    )
            else shared.amount
        end as unit_price
    from shared
),

final as (
    select
        scheduled_charge_items.scheduled_charge_id,
        scheduled_charge_items.invoice_at as charged_at,
        scheduled_charge_items.quantity,
        scheduled_charge_items.unit_price
    from scheduled_charge_items
    union all
    select
        recurring_dates.scheduled_charge_id,
        recurring_dates.charged_at,
        recurring_dates.quantity,
        cast(recurring_dates.unit_price as decimal(38, 12)) as unit_price
    from recurring_dates
)

select * from final
