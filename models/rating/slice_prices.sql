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

-- An override does not stand in for a rate. A multiplier follows the card; an overwrite does not,
-- and keeps the card's unit unless it names one.
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
        case
            when list_prices.list_rate_type = 'percentage' then 'percentage'
            when contract_overrides.override_type = 'overwrite' then contract_overrides.rate_type
            when contract_overrides.override_type = 'tiered' then 'tiered'
            else list_prices.list_rate_type
        end as rate_type,
        coalesce(
            case when contract_overrides.override_type = 'overwrite'
                    then contract_overrides.pricing_unit
            end,
            list_prices.pricing_unit
        ) as pricing_unit,
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
        case contract_overrides.override_type
            when 'overwrite' then contract_overrides.price
            when 'multiplier' then {{ bursar.multiply(
                'list_prices.list_price', 'contract_overrides.multiplier'
            ) }}
            when 'tiered' then null
            else list_prices.list_price
        end as unit_price
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
