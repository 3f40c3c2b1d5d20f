{{ config(materialized='view') }}

with balance_charges as (
    select * from {{ ref('balance_charges') }}
),

balance_draws as (
    select * from {{ ref('balance_draws') }}
),

balance_segments as (
    select * from {{ ref('balance_segments') }}
),

-- What a segment pays for, at its price, is a line of its own.
final as (
    select
        balance_charges.is_as_if,
        balance_charges.line_type,
        balance_charges.contract_id,
        balance_charges.invoice_type,
        balance_charges.period_start,
        balance_charges.product_id,
        balance_charges.subscription_id,
        balance_charges.scheduled_charge_id,
        balance_charges.slice_start,
        balance_charges.slice_end,
        balance_charges.pricing_group_values,
        balance_charges.presentation_group_values,
        balance_charges.list_price,
        balance_charges.pricing_unit,
        balance_charges.is_prorated,
        balance_charges.tier_start as charged_tier_start,
        coalesce(balance_draws.tier_start, balance_charges.tier_start) as tier_start,
        balance_draws.quantity,
        balance_draws.unit_price,
        balance_draws.amount,
        case
            when balance_draws.is_own_price then balance_draws.rate_id
            else balance_charges.rate_id
        end as rate_id,
        case
            when balance_draws.is_own_price then balance_draws.override_id
            else balance_charges.override_id
        end as override_id,
        balance_segments.commit_id,
        balance_segments.segment_starting_at as commit_segment_starting_at,
        balance_segments.commit_type
    from balance_draws
    inner join balance_charges on balance_draws.charge_number = balance_charges.charge_number
    inner join balance_segments on balance_draws.segment_number = balance_segments.segment_number
)

select * from final
