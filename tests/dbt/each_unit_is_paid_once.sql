-- Balances together pay for no more units of a charge than it has, none twice, and only for what
-- they may: in their time, their unit and on a contract that they reach.
with balance_charges as (
    select * from {{ ref('balance_charges') }}
),

balance_segments as (
    select * from {{ ref('balance_segments') }}
),

draws as (
    select
        balance_draws.*,
        lead(balance_draws.units_from) over (
            partition by balance_draws.charge_number
            order by balance_draws.units_from, balance_draws.step
        ) as next_from
    from {{ ref('balance_draws') }} as balance_draws
)

select
    draws.charge_number,
    draws.segment_number,
    draws.units_from,
    draws.quantity
from draws
inner join balance_charges on draws.charge_number = balance_charges.charge_number
inner join balance_segments on draws.segment_number = balance_segments.segment_number
where
    draws.quantity < 0
    or draws.amount < 0
    or draws.units_from + draws.quantity > coalesce(draws.next_from, balance_charges.quantity)
    or balance_segments.pricing_unit <> balance_charges.pricing_unit
    or balance_segments.customer_id <> balance_charges.customer_id
    or balance_segments.starting_at > balance_charges.payable_from
    or balance_segments.ending_before < balance_charges.payable_until
    or balance_segments.contract_id <> balance_charges.contract_id
