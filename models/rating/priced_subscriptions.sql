with list_prices as (
    select * from {{ ref('subscription_list_prices') }}
),

verdicts as (
    {{ bursar.override_verdicts(
        ref('subscription_list_prices'), ['subscription_id', 'starting_at']
    ) }}
),

contract_overrides as (
    select * from {{ ref('stg_contract_overrides') }}
),

-- As of usage: an override does not stand in for a rate, a multiplier follows the card, and an
-- overwrite keeps the card's unit unless it names one.
final as (
    select
        list_prices.subscription_id,
        list_prices.contract_id,
        list_prices.product_id,
        list_prices.product_name,
        list_prices.rate_id,
        contract_overrides.override_id,
        coalesce(contract_overrides.pricing_unit, list_prices.pricing_unit) as pricing_unit,
        case
            when list_prices.rate_id is null then 'no_rate'
            when not coalesce(verdicts.is_entitled, list_prices.is_entitled) then 'not_entitled'
        end as unrated_reason,
        list_prices.is_in_arrears,
        list_prices.is_increase,
        list_prices.period_start,
        list_prices.period_end,
        list_prices.calendar_start,
        list_prices.calendar_end,
        list_prices.starting_at,
        list_prices.charged_at,
        list_prices.quantity,
        list_prices.list_price,
        case contract_overrides.override_type
            when 'overwrite' then contract_overrides.price
            when 'multiplier' then {{ bursar.multiply(
                'list_prices.list_price', 'contract_overrides.multiplier'
            ) }}
            else list_prices.list_price
        end as period_price
    from list_prices
    -- Few prices have an override.
    left join verdicts
        on list_prices.subscription_id = verdicts.subscription_id
        and list_prices.starting_at = verdicts.starting_at
    left join contract_overrides on verdicts.override_id = contract_overrides.override_id
)

select * from final
