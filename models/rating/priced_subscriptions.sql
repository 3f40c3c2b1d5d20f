with subscription_units as (
    select * from {{ ref('subscription_units') }}
),

rates as (
    select * from {{ ref('stg_rates') }}
    where rate_basis = 'list' and pricing_group_values is null
),

-- The price at the period's start holds for the whole period. A charge without a rate keeps its
-- row, so that it can be listed as unrated.
final as (
    select
        subscription_units.*,
        rates.rate_id,
        rates.price as list_price,
        cast(null as varchar) as override_id,
        rates.price as period_price,
        rates.pricing_unit,
        case
            when rates.rate_id is null then 'no_rate'
            when not rates.is_entitled then 'not_entitled'
        end as unrated_reason
    from subscription_units
    left join rates
        on subscription_units.rate_card_id = rates.rate_card_id
        and subscription_units.product_id = rates.product_id
        and subscription_units.billing_frequency = rates.billing_frequency
        and subscription_units.period_start >= rates.starting_at
        and subscription_units.period_start
        < coalesce(rates.effective_until, timestamp '9999-01-01')
)

select * from final
