{{ config(materialized='view') }}

with charges as (
    select * from {{ ref('charges') }}
),

balance_charges as (
    select * from {{ ref('balance_charges') }}
),

covered as (
    select * from {{ ref('covered_charges') }}
),

balance_draws as (
    select * from {{ ref('balance_draws') }}
),

ordered_contracts as (
    select distinct balance_charges.contract_id
    from balance_charges
),

-- A contract that no balance reaches pays what was charged.
unreached as (
    select charges.*
    from charges
    left join ordered_contracts on charges.contract_id = ordered_contracts.contract_id
    where ordered_contracts.contract_id is null
),

drawn as (
    select
        balance_draws.charge_number,
        sum(balance_draws.quantity) as quantity,
        arg_max(balance_draws.rest_amount, balance_draws.step) as rest_amount
    from balance_draws
    group by balance_draws.charge_number
),

left_to_pay as (
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
        balance_charges.tier_start,
        cast(balance_charges.quantity - coalesce(drawn.quantity, 0) as decimal(38, 12)) as quantity,
        balance_charges.unit_price,
        coalesce(drawn.rest_amount, balance_charges.amount) as amount,
        balance_charges.rate_id,
        balance_charges.override_id
    from balance_charges
    -- Most charges are paid by no balance.
    left join drawn on balance_charges.charge_number = drawn.charge_number
    where
        drawn.charge_number is null
        or balance_charges.quantity > drawn.quantity
),

-- Its twin takes the amount off again.
twins as (
    select
        covered.* exclude (quantity, amount),
        -covered.quantity as quantity,
        -covered.amount as amount
    from covered
),

final as (
    select
        unreached.*,
        false as is_twin
    from unreached
    union all by name
    select
        left_to_pay.*,
        false as is_twin
    from left_to_pay
    union all by name
    select
        covered.*,
        false as is_twin
    from covered
    union all by name
    select
        twins.*,
        true as is_twin
    from twins
)

select * from final
