with subscription_charges as (
    select * from {{ ref('subscription_charges') }}
),

fixed_charges as (
    select * from {{ ref('fixed_charges') }}
),

contract_periods as (
    select * from {{ ref('contract_periods') }}
    where is_invoiced
),

run as (
    select * from {{ ref('stg_run') }}
),

dated as (
    select * from subscription_charges
    union all by name
    select * from fixed_charges
),

numbered as (
    select
        dated.*,
        row_number() over (
            order by
                dated.contract_id,
                dated.charged_at,
                dated.slice_start,
                dated.subscription_id,
                dated.scheduled_charge_id
        ) as charge_number
    from dated
),

-- The contract's calendar decides, not whether the period has begun: a charge whose usage invoice
-- has not begun waits for it.
matched as (
    select
        numbered.charge_number,
        min(contract_periods.period_start) as period_start
    from numbered
    inner join contract_periods
        on numbered.contract_id = contract_periods.contract_id
        and cast(numbered.charged_at as date) = cast(contract_periods.period_end as date)
        and numbered.charged_at <= contract_periods.period_end
    where numbered.placement = 'ending_period'
    group by numbered.charge_number
    union all
    select
        numbered.charge_number,
        contract_periods.period_start
    from numbered
    inner join contract_periods
        on numbered.contract_id = contract_periods.contract_id
        and numbered.charged_at > contract_periods.period_start
        and numbered.charged_at <= contract_periods.period_end
    where numbered.placement = 'holding_period'
),

-- Where the calendar has no such usage invoice, the charge stands on an invoice of its date.
final as (
    select
        numbered.*,
        case when matched.period_start is null then 'scheduled' else 'usage' end as invoice_type,
        coalesce(matched.period_start, numbered.charged_at) as period_start
    from numbered
    cross join run
    left join matched on numbered.charge_number = matched.charge_number
    where
        coalesce(matched.period_start <= run.as_of, false)
        or (
            matched.period_start is null
            and numbered.charged_at
            <= {{ bursar.add_days('run.as_of', var('scheduled_horizon_days', 365)) }}
        )
)

select * from final
