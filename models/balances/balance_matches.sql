with balance_reach as (
    select * from {{ ref('balance_reach') }}
),

balance_segments as (
    select * from {{ ref('balance_segments') }}
),

balance_charges as (
    select * from {{ ref('balance_charges') }}
    where is_payable
),

renewal_passes as (
    select * from {{ ref('renewal_passes') }}
),

as_if_passes as (
    select * from {{ ref('as_if_passes') }}
),

charge_passes as (
    select
        balance_charges.charge_number,
        1 + count(*) as pass_number
    from balance_charges
    inner join renewal_passes
        on balance_charges.customer_id = renewal_passes.customer_id
        and balance_charges.charge_number > renewal_passes.last_charge_number
    where not balance_charges.is_as_if
    group by balance_charges.charge_number
    union all
    select
        balance_charges.charge_number,
        as_if_passes.pass_number
    from balance_charges
    inner join as_if_passes
        on balance_charges.standing_invoice_id = as_if_passes.standing_invoice_id
),

offered as (
    select
        balance_reach.*,
        balance_segments.pricing_unit,
        coalesce(renewal_passes.last_charge_number, 0) as after_charge_number
    from balance_reach
    inner join balance_segments on balance_reach.segment_number = balance_segments.segment_number
    -- Only a rollover waits for the charges before it. What is worked out as if comes after all.
    left join renewal_passes
        on balance_segments.customer_id = renewal_passes.customer_id
        and balance_segments.renewed_at = renewal_passes.renewed_at
),

-- What pays for everything on a contract is matched by contract and time alone.
unrestricted as (
    select
        offered.segment_number,
        balance_charges.charge_number,
        balance_charges.is_as_if
    from offered
    inner join balance_charges
        on offered.contract_id = balance_charges.contract_id
        and offered.pricing_unit = balance_charges.pricing_unit
        and offered.starting_at <= balance_charges.payable_from
        and coalesce(offered.ending_before >= balance_charges.payable_until, true)
        and offered.after_charge_number < balance_charges.charge_number
    where
        offered.product_id is null
        and {{ bursar.holds_group_values(
            'balance_charges.pricing_group_values', 'offered.pricing_group_values'
        ) }}
        and {{ bursar.holds_group_values(
            'balance_charges.presentation_group_values', 'offered.presentation_group_values'
        ) }}
),

restricted as (
    select
        offered.segment_number,
        balance_charges.charge_number,
        balance_charges.is_as_if
    from offered
    inner join balance_charges
        on offered.contract_id = balance_charges.contract_id
        and offered.product_id = balance_charges.product_id
        and offered.product_valid_from = balance_charges.product_valid_from
        and offered.pricing_unit = balance_charges.pricing_unit
        and offered.starting_at <= balance_charges.payable_from
        and coalesce(offered.ending_before >= balance_charges.payable_until, true)
        and offered.after_charge_number < balance_charges.charge_number
    where
        {{ bursar.holds_group_values(
            'balance_charges.pricing_group_values', 'offered.pricing_group_values'
        ) }}
        and {{ bursar.holds_group_values(
            'balance_charges.presentation_group_values', 'offered.presentation_group_values'
        ) }}
),

-- Several alternatives of a commit may fit one charge.
matched as (
    select * from unrestricted
    union
    select * from restricted
),

final as (
    select
        matched.segment_number,
        matched.charge_number,
        matched.is_as_if,
        coalesce(charge_passes.pass_number, 1) as pass_number
    from matched
    -- Without renewals there is one pass.
    left join charge_passes on matched.charge_number = charge_passes.charge_number
)

select * from final
