{{ config(materialized='view') }}

with list_prices as (
    select * from {{ ref('list_prices') }}
),

slice_overrides as (
    select * from {{ ref('slice_overrides') }}
),

contract_overrides as (
    select * from {{ ref('stg_contract_overrides') }}
),

-- An override does not stand in for a rate.
final as (
    select
        list_prices.slice_id,
        list_prices.is_used,
        list_prices.contract_id,
        list_prices.product_id,
        list_prices.product_type,
        list_prices.product_valid_from,
        list_prices.pricing_group_values,
        list_prices.presentation_group_values,
        list_prices.rate_id,
        list_prices.list_rate_type,
        contract_overrides.override_id,
        contract_overrides.override_type,
        {{ bursar.overridden_rate_type('list_prices', 'contract_overrides') }} as rate_type,
        {{ bursar.overridden_pricing_unit('list_prices', 'contract_overrides') }} as pricing_unit,
        case
            when list_prices.rate_id is null then 'no_rate'
            when not coalesce(slice_overrides.is_entitled, list_prices.is_entitled)
                then 'not_entitled'
        end as unrated_reason,
        list_prices.period_start,
        list_prices.period_end,
        list_prices.slice_start,
        list_prices.slice_end,
        list_prices.quantity,
        list_prices.list_price,
        {{ bursar.overridden_unit_price('list_prices', 'contract_overrides') }} as unit_price
    from list_prices
    -- Few prices have an override.
    left join slice_overrides
        on list_prices.slice_id = slice_overrides.slice_id
        and coalesce(list_prices.pricing_group_values, '')
        = coalesce(slice_overrides.pricing_group_values, '')
        and coalesce(list_prices.presentation_group_values, '')
        = coalesce(slice_overrides.presentation_group_values, '')
    left join contract_overrides on slice_overrides.override_id = contract_overrides.override_id
)

select * from final
