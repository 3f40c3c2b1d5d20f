with subscription_periods as (
    select * from {{ ref('subscription_periods') }}
),

subscription_quantities as (
    select * from {{ ref('stg_subscription_quantities') }}
),

-- Each quantity that holds at some time of a period, from when it holds there. Its charge runs to
-- the period's end.
held as (
    select
        subscription_periods.*,
        greatest(subscription_quantities.starting_at, subscription_periods.period_start)
            as starting_at,
        subscription_quantities.quantity as held_quantity
    from subscription_periods
    -- Without a quantity there is nothing to charge.
    inner join subscription_quantities
        on subscription_periods.subscription_id = subscription_quantities.subscription_id
        and subscription_periods.period_end > subscription_quantities.starting_at
        and subscription_periods.period_start
        < coalesce(subscription_quantities.effective_until, timestamp '9999-01-01')
),

compared as (
    select
        held.*,
        held.held_quantity - coalesce(max(held.held_quantity) over (
            partition by held.subscription_id, held.period_start
            order by held.starting_at
            rows between unbounded preceding and 1 preceding
        ), 0) as quantity
    from held
),

-- What a period has paid for it keeps: a decrease counts from the next period on, and an increase
-- only above the highest quantity so far.
final as (
    select
        compared.subscription_id,
        compared.contract_id,
        compared.rate_card_id,
        compared.product_id,
        compared.billing_frequency,
        compared.period_start,
        compared.period_end,
        compared.calendar_start,
        compared.calendar_end,
        compared.starting_at,
        case
            when compared.collection = 'arrears' then compared.period_end
            else compared.starting_at
        end as charged_at,
        compared.collection = 'arrears' as is_in_arrears,
        compared.starting_at > compared.period_start as is_increase,
        cast(compared.quantity as decimal(38, 12)) as quantity
    from compared
    where compared.quantity > 0
)

select * from final
